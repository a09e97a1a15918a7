//! Starting and stopping.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::connect::{ConnectAddons, watch_settings};
use crate::clock::Clock;
use crate::connect::{Connect, SalesforceOptions};
use crate::control::Control;
use crate::http::{Abort, AbortableListener, Bucket, Faults, Gate, RequestLog, Tokens, guard};
use crate::options::SandboxOptions;
use crate::servers::{Generation, ServerError, ServerPair};
use crate::world::{Refusal, World};
use crate::{connect, control, data, platform};

/// Heroku, Connect and Salesforce on this machine, as long as this value lives.
///
/// Everything runs on threads of its own, so that tests with runtimes of their own can share one
/// sandbox.
pub struct Sandbox {
    pub(crate) world: World,
    pub(super) connect: Connect,
    pub(super) control: Control,
    pub(super) options: SandboxOptions,
    pub(super) address: SocketAddr,
    shutdown: CancellationToken,
    pub(super) runtime: Option<Runtime>,
    pub(super) servers: ServerPair,
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The PostgreSQL servers.
    #[error(transparent)]
    Servers(#[from] ServerError),
    /// The HTTP port is taken, or may not be used.
    #[error("port {port} on 127.0.0.1 cannot be used")]
    Port {
        /// The port.
        port: u16,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// No threads.
    #[error("the sandbox's threads could not be started")]
    Threads(#[source] std::io::Error),
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Starts both database servers and the HTTP port.
    ///
    /// # Errors
    /// [`StartError`]: no PostgreSQL on this machine, or a taken port.
    pub async fn start(options: SandboxOptions) -> Result<Self, StartError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("sandbox")
            .enable_all()
            .build()
            .map_err(StartError::Threads)?;
        let starting = runtime.spawn(foundation(options.port, options.server_settings.clone()));
        let (servers, listener, address) = match starting.await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                runtime.shutdown_background();
                return Err(error);
            }
            Err(error) => {
                runtime.shutdown_background();
                return Err(StartError::Threads(std::io::Error::other(error)));
            }
        };
        let shutdown = CancellationToken::new();
        let clock = Clock::new(options.speed);
        let both = [Generation::Old, Generation::New].map(|side| servers.server(side).clone());
        let world = World::new(
            &options,
            clock.clone(),
            both,
            runtime.handle().clone(),
            shutdown.clone(),
        );
        let base_url = format!("http://{address}");
        let connect = Connect::new(
            clock.clone(),
            Arc::new(world.clone()),
            &base_url,
            SalesforceOptions::default(),
        );
        world.observe_connect_addons(Arc::new(ConnectAddons(connect.clone())));
        let control = Control {
            world: world.clone(),
            log: RequestLog::default(),
            faults: Faults::default(),
            tokens: Tokens::new(options.token.clone()),
            bucket: Bucket::new(options.rate_limit, clock),
            organisation: Arc::new(connect.clone()),
        };
        serve(&world, listener, router(&control, &connect));
        let runtime = Some(runtime);
        Ok(Self {
            world,
            connect,
            control,
            options,
            address,
            shutdown,
            runtime,
            servers,
        })
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.shutdown.cancel();
        self.connect.stop();
        if let Some(runtime) = self.runtime.take() {
            // Not a plain drop: that may not be done on another runtime's threads.
            runtime.shutdown_background();
        }
    }
}

async fn foundation(
    port: u16,
    settings: Vec<String>,
) -> Result<(ServerPair, TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Port { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let password = uuid::Uuid::new_v4().simple().to_string();
    let servers = ServerPair::start_with(&password, &settings).await?;
    Ok((servers, listener, address))
}

fn router(control: &Control, connect: &Connect) -> Router {
    let world = control.world.clone();
    let gate = Gate {
        clock: world.clock().clone(),
        log: control.log.clone(),
        faults: control.faults.clone(),
        tokens: control.tokens.clone(),
    };
    let settings = (world.clone(), connect.clone());
    let connect_routes =
        connect::router(connect.clone()).route_layer(from_fn_with_state(settings, watch_settings));
    platform::router(world.clone(), control.bucket.clone())
        .merge(data::router(world))
        .merge(connect_routes)
        .merge(control::router(control.clone()))
        .fallback(async || {
            Refusal::new(
                404,
                "not_found",
                "The requested API endpoint was not found. Are you \
                using the right HTTP verb (i.e. `GET` vs. `POST`), and did you specify your \
                intended version with the `Accept` header?",
            )
        })
        .layer(from_fn_with_state(gate, guard))
}

fn serve(world: &World, listener: TcpListener, router: Router) {
    let service = router.into_make_service_with_connect_info::<Abort>();
    world.spawn(async move {
        // It never returns by itself: errors of single connections are dealt with inside.
        let _ = axum::serve(AbortableListener(listener), service).await;
    });
}

//! What an app's operator has sent to Heroku.

use connect_swap_sandbox::LoggedRequest;

use crate::Scene;

/// Whether a request may change anything. `POST …/resolve` only looks something up (Platform API,
/// "Add-on Resolution", "Add-on Attachment Resolution").
pub fn is_mutating(request: &LoggedRequest) -> bool {
    let looks_up = request.method == "POST" && request.path.ends_with("/resolve");
    !(matches!(request.method.as_str(), "GET" | "HEAD") || looks_up)
}

impl Scene {
    /// Every request of this app's operators, and of nobody else.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        let agent = self.user_agent();
        let mut requests = self.sandbox.requests();
        requests.retain(|request| request.user_agent.as_deref() == Some(agent.as_str()));
        requests
    }

    /// Those that may have changed something, as `METHOD path`.
    pub fn mutations(&self) -> Vec<String> {
        let requests = self.requests();
        let mutating = requests.iter().filter(|request| is_mutating(request));
        mutating
            .map(|request| format!("{} {}", request.method, request.path))
            .collect()
    }
}

//! The binary `connect-swap`.

fn main() {
    std::process::exit(connect_swap_cli::run(std::env::args_os()));
}

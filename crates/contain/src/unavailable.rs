//! Why a wall does not stand.

/// A wall that could not be put up, and what the system said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// The kernel refused the filter.
    #[error(
        "the kernel refuses the system call filter ({0}); it needs seccomp filters, Linux 3.17 or newer"
    )]
    Filter(String),
    /// The kernel refused the rules for files.
    #[error("the kernel refuses the Landlock rules ({0})")]
    Files(String),
    /// What would put up the walls around what draws pages is missing or refused.
    #[error("bubblewrap can't put them up ({0})")]
    WebEngine(String),
    /// A descriptor that came from the starter is a socket of a family that leads off this computer.
    #[error(
        "descriptor {0}, inherited from the program that started this one, is a network socket; start it without"
    )]
    Inherited(i32),
    /// This system has no such thing.
    #[error("only Linux lets a program take the network from itself")]
    System,
}

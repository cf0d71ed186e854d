//! `completions` and `man`: made from the same words as the help.

use clap::CommandFactory;

use crate::AppError;
use crate::cli::Ending;
use crate::cli::arguments::{Arguments, Completions, Man};
use crate::cli::output::Output;

/// Prints completions for a shell.
pub fn completions(wish: &Completions, output: &mut Output) -> Result<Ending, AppError> {
    let mut bytes = Vec::new();
    clap_complete::generate(wish.shell, &mut Arguments::command(), "vaultmark", &mut bytes);
    output.raw(&bytes);
    Ok(Ending::Done)
}

/// Prints a man page.
pub fn man(wish: &Man, output: &mut Output) -> Result<Ending, AppError> {
    let mut root = Arguments::command();
    root.build();
    let mut command = &root;
    for word in &wish.command {
        command = command.find_subcommand(word).ok_or_else(|| AppError::UnknownWord {
            what: "command",
            word: word.clone(),
            known: command
                .get_subcommands()
                .filter(|c| !c.is_hide_set())
                .map(|c| c.get_name())
                .collect::<Vec<_>>()
                .join(", "),
        })?;
    }
    let mut bytes = Vec::new();
    clap_mangen::Man::new(command.clone())
        .render(&mut bytes)
        .map_err(AppError::io("writing", "the man page"))?;
    output.raw(&bytes);
    Ok(Ending::Done)
}

//! The errors of parsing and checking.

use std::fmt;

/// Maximum number of levels that an expression nests, binds included.
pub(crate) const MAX_DEPTH: u32 = 250;

/// A mistake in an expression, found before it is evaluated.
///
/// ```
/// use instant_cel::{Expression, Scope};
///
/// let rule = Expression::parse("auth.id.trm() == 'a'")?;
/// let errors = rule.compile(&Scope::default()).unwrap_err();
/// assert_eq!(
///     errors[0].to_string(),
///     "undeclared reference to 'trm' (in container '') at character 8; did you mean 'trim'?",
/// );
/// # Ok::<_, instant_cel::CompileError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompileError {
    /// The position in characters, from 0; `None` if the error is about the whole expression.
    pub position: Option<u32>,
    /// The error, as Instant's server words it where that is known.
    pub message: String,
    /// The remedy, if one is known.
    pub help: Option<String>,
}

impl CompileError {
    /// Creates an error about a whole expression.
    pub fn new(message: impl Into<String>) -> Self {
        Self { position: None, message: message.into(), help: None }
    }

    pub(crate) fn at(position: u32, message: impl Into<String>) -> Self {
        Self { position: Some(position), ..Self::new(message) }
    }

    pub(crate) fn too_deep(position: u32) -> Self {
        Self::at(position, format!("the expression nests deeper than {MAX_DEPTH} levels"))
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Shows the message, the position counted from 1, and the remedy.
impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(position) = self.position {
            write!(f, " at character {}", u64::from(position) + 1)?;
        }
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CompileError {}

//! The expression language of Instant's permission rules.
//!
//! A rule such as `auth.id in data.ref('members.user.id')` decides what a caller may see and
//! change. Rules are written in a dialect of CEL, the Common Expression Language, and this crate
//! reads, checks and evaluates that dialect exactly as Instant's server does. It knows no database:
//! an evaluation takes every value from a [`Host`], which supplies rows, follows links and counts
//! rate limits.
//!
//! # Example
//!
//! Parse an expression, compile it for the records that its action offers, then evaluate it:
//!
//! ```
//! use std::{convert::Infallible, sync::Arc};
//!
//! use instant_cel::{Budget, CelValue, EvalError, Expression, Host, Record, RuleError, Scope};
//!
//! /// A note that is visible to its owner.
//! struct Note {
//!     owner: &'static str,
//!     caller: &'static str,
//! }
//!
//! impl Host for Note {
//!     type Error = Infallible;
//!
//!     fn field(&self, record: Record, key: &str) -> Result<CelValue, EvalError<Infallible>> {
//!         Ok(match (record, key) {
//!             (Record::Data, "owner") => CelValue::string(self.owner),
//!             (Record::Auth, "id") => CelValue::string(self.caller),
//!             _ => CelValue::Null,
//!         })
//!     }
//!
//!     // This host has no links, no request and no rate limits.
//! #   fn object(&self, _: Record) -> Result<CelValue, EvalError<Infallible>> { Ok(CelValue::Null) }
//! #   fn request(&self, _: &str) -> CelValue { CelValue::Null }
//!     fn reference(&self, _: Record, path: &str) -> Result<Arc<[CelValue]>, EvalError<Infallible>> {
//!         Err(RuleError::new("ATTRIBUTE_NOT_FOUND", format!("there is no link {path}")).into())
//!     }
//! #   fn take_tokens(&self, _: &str, _: &CelValue, _: i64) -> Result<(), EvalError<Infallible>> { Ok(()) }
//! }
//!
//! let rule = Expression::parse("auth.id != null && auth.id == data.owner")?;
//! let program = rule.compile(&Scope::new(&[Record::Data])).map_err(|errors| errors[0].clone())?;
//!
//! let allows = |caller| {
//!     let host = Note { owner: "ana", caller };
//!     program.evaluate(&host, &Budget::default()).is_ok_and(|value| value.allows())
//! };
//! assert!(allows("ana"));
//! assert!(!allows("ben"));
//! # Ok::<_, instant_cel::CompileError>(())
//! ```
//!
//! # Which type do I need?
//!
//! | To | Use |
//! |---|---|
//! | read the text of a rule | [`Expression::parse`] |
//! | list the values and links that a rule mentions | [`Expression::mentions`] |
//! | put a rule's binds around it | [`Binds::expand`]; for one bind, [`Expression::bind`] |
//! | find unknown names and mismatched types | [`Expression::compile`] with a [`Scope`] |
//! | show what is wrong with a rule, and where | [`CompileError`] |
//! | evaluate a rule | [`Program::evaluate`] |
//! | supply rows, links and rate limits | [`Host`] |
//! | limit the work of an evaluation | [`Budget`] |
//! | tell a rule that fails from a request that the host rejects | [`EvalError`] |
//! | make or read a value | [`CelValue`] |
//!
//! # Features
//!
//! | Feature | Default | Adds |
//! |---|---|---|
//! | `eval` | yes | the evaluator and its dependencies `jiff`, `parking_lot` and `regex` |

mod binds;
mod checker;
mod error;
#[cfg(feature = "eval")]
mod eval;
mod expression;
mod mention;
#[cfg_attr(not(feature = "eval"), expect(dead_code, reason = "only the evaluator reads the code"))]
mod program;
mod scope;
mod syntax;
mod value;

pub use self::binds::{Binds, ExpandedRule};
pub use self::error::CompileError;
#[cfg(feature = "eval")]
pub use self::eval::{Budget, EvalError, Host, RuleError};
pub use self::expression::Expression;
pub use self::mention::{Mention, MentionPath};
pub use self::program::Program;
pub use self::scope::{Record, Scope};
pub use self::value::CelValue;

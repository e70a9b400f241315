//! Binds: expressions with a name, which rules use like variables.

use std::collections::HashMap;

use crate::{CompileError, Expression};

/// The binds of a rules document, by name.
///
/// ```
/// use instant_cel::{Binds, Record, Scope};
///
/// let binds = Binds::from_iter([
///     ("owns", Some("known && auth.id == data.owner")),
///     ("known", Some("auth.id != null")),
/// ]);
/// let rule = binds.expand("owns || data.public")?;
/// assert_eq!(
///     rule.text,
///     "cel.bind(known, auth.id != null, \
///      cel.bind(owns, known && auth.id == data.owner, owns || data.public))",
/// );
/// assert!(rule.expression.compile(&Scope::new(&[Record::Data])).is_ok());
/// # Ok::<_, instant_cel::CompileError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Binds<'a>(HashMap<&'a str, Option<&'a str>>);

/// A rule with the binds that it uses.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ExpandedRule {
    /// The rule inside of `cel.bind(name, value, ..)` for each bind that it uses.
    pub expression: Expression,
    /// The text of that expression.
    pub text: String,
}

/// Maximum number of binds that use one another in a row.
const MAX_PATH: usize = 250;

impl Binds<'_> {
    /// Parses a rule and puts the binds around it that it uses, each inside of those that it uses
    /// itself.
    ///
    /// # Errors
    ///
    /// Returns an error if the rule or a bind is malformed, or if binds use one another in a
    /// circle.
    pub fn expand(&self, rule: &str) -> Result<ExpandedRule, CompileError> {
        let mut expression = Expression::parse(rule)?;
        let mut resolver = Resolver { binds: self, order: Vec::new(), path: Vec::new() };
        resolver.resolve(&expression)?;
        let mut text = rule.to_owned();
        for bind in resolver.order.into_iter().rev() {
            expression = expression.bind(bind.name, bind.expression)?;
            text = format!("cel.bind({}, {}, {text})", bind.name, bind.text);
        }
        Ok(ExpandedRule { expression, text })
    }
}

/// Collects binds by name; the last of a name counts. `None` stands for a value that is not an
/// expression, which is an error once a rule uses it.
impl<'a> FromIterator<(&'a str, Option<&'a str>)> for Binds<'a> {
    fn from_iter<T: IntoIterator<Item = (&'a str, Option<&'a str>)>>(binds: T) -> Self {
        Self(binds.into_iter().collect())
    }
}

/// Finds the binds that an expression uses, and orders them so that each follows those that it
/// uses.
struct Resolver<'a> {
    binds: &'a Binds<'a>,
    order: Vec<Bind<'a>>,
    /// The binds that are being resolved, from the rule inwards.
    path: Vec<&'a str>,
}

struct Bind<'a> {
    name: &'a str,
    expression: Expression,
    text: &'a str,
}

impl Resolver<'_> {
    fn resolve(&mut self, expression: &Expression) -> Result<(), CompileError> {
        for name in expression.names() {
            let Some((name, text)) = self.binds.0.get_key_value(&*name) else { continue };
            if let Some(from) = self.path.iter().position(|own| own == name) {
                let cycle = [&self.path[from..], &[*name]].concat().join(" -> ");
                return Err(CompileError::new(format!("The binds have a cyclic dependency {cycle}")));
            }
            if self.order.iter().any(|bind| bind.name == *name) {
                continue;
            }
            if self.path.len() >= MAX_PATH {
                return Err(CompileError::new(format!("the binds nest deeper than {MAX_PATH} levels")));
            }
            let Some(text) = *text else {
                return Err(CompileError::new("There was an unexpected error evaluating the rules"));
            };
            let expression = Expression::parse(text)?;
            self.path.push(name);
            self.resolve(&expression)?;
            self.path.pop();
            self.order.push(Bind { name, expression, text });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(binds: &[(&str, Option<&str>)], want: &str) {
        let found = binds.iter().copied().collect::<Binds<'_>>().expand("a");
        assert_eq!(found.map_or_else(|error| error.to_string(), |rule| rule.text), want);
    }

    #[test]
    fn binds_follow_those_that_they_use() {
        check(&[], "a");
        check(&[("a", Some("1")), ("b", Some("2"))], "cel.bind(a, 1, a)");
        check(
            &[("a", Some("b + c")), ("b", Some("c")), ("c", Some("1"))],
            "cel.bind(c, 1, cel.bind(b, c, cel.bind(a, b + c, a)))",
        );
    }

    #[test]
    fn cycles_are_rejected() {
        check(&[("a", Some("b")), ("b", Some("a"))], "The binds have a cyclic dependency a -> b -> a");
        check(&[("a", Some("a"))], "The binds have a cyclic dependency a -> a");
    }

    #[test]
    fn binds_that_are_not_expressions_are_rejected_when_used() {
        check(&[("b", None)], "a");
        check(&[("a", None)], "There was an unexpected error evaluating the rules");
    }
}

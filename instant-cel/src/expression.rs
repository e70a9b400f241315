//! A parsed expression: what it names, binds around it, and its compilation.

use std::sync::Arc;

use crate::{
    CompileError, Mention, Program, Scope, checker, mention,
    syntax::{
        self,
        ast::{Expr, Node},
        stack,
    },
};

/// An expression whose syntax is valid and whose names and types are not checked yet.
///
/// ```
/// use instant_cel::Expression;
///
/// assert!(Expression::parse("data.owner == auth.id").is_ok());
///
/// let error = Expression::parse("data.owner = auth.id").unwrap_err();
/// assert_eq!(error.position, Some(11));
/// assert_eq!(error.help.as_deref(), Some("equality is `==`"));
/// ```
#[derive(Debug, Clone)]
pub struct Expression(Expr);

impl Expression {
    /// Parses the text of a rule.
    ///
    /// Safe for text of any origin: a text of more than 100,000 characters or 250 levels is
    /// rejected, and no text exhausts the stack of the calling thread.
    ///
    /// # Errors
    ///
    /// Returns the first position at which the text is not a valid expression.
    pub fn parse(text: &str) -> Result<Self, CompileError> {
        stack::with_stack(stack::nesting(text), || syntax::parser::parse(text))?.map(Self)
    }

    /// Returns the names that the expression uses, in order of appearance, each once.
    ///
    /// These are variables, binds, and the variables that macros declare; names of functions and
    /// fields are not among them.
    pub fn names(&self) -> Vec<Arc<str>> {
        let mut names = Vec::new();
        collect(&self.0, &mut names);
        names
    }

    /// Returns the values and links that the expression mentions, in order of appearance, each
    /// once.
    ///
    /// ```
    /// use instant_cel::Expression;
    ///
    /// let rule = Expression::parse("auth.id in data.ref('team.id') || data.soil.kind == 'clay'")?;
    /// let mentions: Vec<_> = rule.mentions().iter().map(ToString::to_string).collect();
    /// assert_eq!(mentions, ["auth.id", "data.ref('team.id')", "data.soil.kind"]);
    /// # Ok::<_, instant_cel::CompileError>(())
    /// ```
    pub fn mentions(&self) -> Vec<Mention> {
        mention::mentions(&self.0)
    }

    /// Returns `cel.bind(name, value, self)`: the expression with `name` standing for `value`.
    ///
    /// # Errors
    ///
    /// Returns an error if the result nests deeper than 250 levels.
    pub fn bind(self, name: &str, value: Self) -> Result<Self, CompileError> {
        let at = self.0.at;
        let node = Node::Bind { name: name.into(), value: Box::new(value.0), body: Box::new(self.0) };
        Expr::new(at, node).map(Self)
    }

    /// Checks names, functions and types, and compiles the expression.
    ///
    /// ```
    /// use instant_cel::{Expression, Record, Scope};
    ///
    /// let rule = Expression::parse("dat.owner == 1 + 'a'")?;
    /// let errors = rule.compile(&Scope::new(&[Record::Data])).unwrap_err();
    /// assert_eq!(errors.len(), 2);
    /// assert_eq!(errors[0].help.as_deref(), Some("did you mean 'data'?"));
    /// # Ok::<_, instant_cel::CompileError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong, from left to right.
    pub fn compile(&self, scope: &Scope<'_>) -> Result<Program, Vec<CompileError>> {
        stack::with_stack(self.0.height, || checker::check(&self.0, scope)).map_err(|error| vec![error])?
    }
}

fn collect(expr: &Expr, names: &mut Vec<Arc<str>>) {
    if let Node::Name(name) = &expr.node
        && !names.contains(name)
    {
        names.push(Arc::clone(name));
    }
    expr.node.children().for_each(|child| collect(child, names));
}

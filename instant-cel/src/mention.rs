//! The values and links that an expression mentions.

use std::{fmt, sync::Arc};

use crate::{
    CelValue,
    scope::VARIABLES,
    syntax::ast::{Expr, Node},
};

/// A value or a path of links that an expression mentions, such as `auth.id` or
/// `data.ref('owner.name')`.
///
/// [`Display`](fmt::Display) shows it as rules write it.
///
/// ```
/// use instant_cel::{Expression, MentionPath};
///
/// let rule = Expression::parse("data.tags.exists(tag, tag in auth.ref('$user.follows.tag'))")?;
/// let mentions = rule.mentions();
/// assert_eq!(mentions[0].path, MentionPath::Keys(vec!["tags".into()]));
/// assert_eq!(mentions[1].variable, "auth");
/// assert_eq!(mentions[1].path, MentionPath::Links("$user.follows.tag".into()));
/// # Ok::<_, instant_cel::CompileError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mention {
    /// The variable that the path starts at, such as `data`.
    pub variable: &'static str,
    /// The path from there.
    pub path: MentionPath,
    /// The position of the first mention in characters, from 0.
    pub position: u32,
}

/// The path of a [`Mention`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MentionPath {
    /// Keys that lead to a value; none if the whole variable is used.
    Keys(Vec<Arc<str>>),
    /// The path that is passed to `ref`.
    Links(Arc<str>),
}

/// Returns what an expression mentions, in order of appearance, each once.
pub(crate) fn mentions(expr: &Expr) -> Vec<Mention> {
    let mut finder = Finder { found: Vec::new(), locals: Vec::new() };
    finder.visit(expr);
    finder.found
}

struct Finder {
    found: Vec<Mention>,
    /// Variables that macros and binds declare; they hide those of the rule.
    locals: Vec<Arc<str>>,
}

impl Finder {
    fn visit(&mut self, expr: &Expr) {
        if let Some(mention) = self.reference(expr).or_else(|| self.keys(expr)) {
            if !self.found.iter().any(|own| (own.variable, &own.path) == (mention.variable, &mention.path)) {
                self.found.push(mention);
            }
            return;
        }
        match &expr.node {
            Node::Macro { name, range, body, .. } => {
                self.visit(range);
                self.within(name, body.iter().flatten());
            }
            Node::Bind { name, value, body } => {
                self.visit(value);
                self.within(name, [&**body]);
            }
            node => node.children().for_each(|child| self.visit(child)),
        }
    }

    fn within<'e>(&mut self, name: &Arc<str>, parts: impl IntoIterator<Item = &'e Expr>) {
        self.locals.push(Arc::clone(name));
        parts.into_iter().for_each(|part| self.visit(part));
        self.locals.pop();
    }

    /// Returns the mention that a call of `ref` with a literal path is.
    fn reference(&self, expr: &Expr) -> Option<Mention> {
        let Node::Call { name, target: Some(target), args } = &expr.node else { return None };
        match args.as_slice() {
            [Expr { node: Node::Literal(CelValue::String(path)), .. }] if &**name == "ref" => {
                let variable = self.variable(target)?;
                Some(Mention { variable, path: MentionPath::Links(Arc::clone(path)), position: target.at })
            }
            _ => None,
        }
    }

    /// Returns the mention that a variable with keys is.
    fn keys(&self, expr: &Expr) -> Option<Mention> {
        let (mut root, mut keys) = (expr, Vec::new());
        loop {
            root = match &root.node {
                Node::Select { operand, field, .. } => {
                    keys.push(Arc::clone(field));
                    operand
                }
                Node::Index { operand, key } => {
                    let Node::Literal(CelValue::String(key)) = &key.node else { return None };
                    keys.push(Arc::clone(key));
                    operand
                }
                _ => break,
            };
        }
        keys.reverse();
        Some(Mention { variable: self.variable(root)?, path: MentionPath::Keys(keys), position: root.at })
    }

    fn variable(&self, expr: &Expr) -> Option<&'static str> {
        let name = expr.node.name().filter(|name| !self.locals.contains(name))?;
        VARIABLES.into_iter().find(|own| *own == &**name)
    }
}

impl fmt::Display for Mention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.variable)?;
        match &self.path {
            MentionPath::Links(path) => write!(f, ".ref('{path}')"),
            MentionPath::Keys(keys) => keys.iter().try_for_each(|key| match is_identifier(key) {
                true => write!(f, ".{key}"),
                false => write!(f, "['{key}']"),
            }),
        }
    }
}

fn is_identifier(key: &str) -> bool {
    !key.is_empty()
        && !key.starts_with(|c: char| c.is_ascii_digit())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use crate::Expression;

    fn check(rule: &str, want: &str) {
        let found = Expression::parse(rule).unwrap().mentions();
        let found: Vec<_> = found.iter().map(|mention| format!("{mention}@{}", mention.position)).collect();
        assert_eq!(found.join(" "), want, "{rule}");
    }

    #[test]
    fn mentions_have_keys_and_links() {
        check("true", "");
        check("auth.id != null && auth.id == data.owner", "auth.id@0 data.owner@30");
        check("data.soil.kind == 'clay' || has(newData.soil)", "data.soil.kind@0 newData.soil@32");
        check("auth.id in data.ref( \"owner.id\" )", "auth.id@0 data.ref('owner.id')@11");
        check("data['odd key'].x == data[ruleParams.key]", "data['odd key'].x@0 data@21 ruleParams.key@26");
        check(
            "data.owner.startsWith('u') || request.time > data.due",
            "data.owner@0 request.time@30 data.due@45",
        );
        check("data.ref(ruleParams.path)", "data@0 ruleParams.path@9");
    }

    #[test]
    fn text_in_quotes_is_not_a_mention() {
        check("'auth.id' == data.title", "data.title@13");
    }

    #[test]
    fn variables_of_macros_and_binds_hide_those_of_rules() {
        check("data.tags.all(auth, auth.id == 'a')", "data.tags@0");
        check("cel.bind(data, auth.id, data.owner)", "auth.id@15");
        check("[1].exists(data, true) && data.owner == 1", "data.owner@26");
        check("mydata.owner || x.data.owner", "");
    }
}

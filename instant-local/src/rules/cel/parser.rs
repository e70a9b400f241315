//! Tokens to a tree. Depth is counted while descending, so that no rule can exhaust the stack; chains of operators grow
//! sideways.

use std::sync::Arc;

use super::{
    ast::{Expr, Node, Operator},
    error::CompileError,
    lexer::{Kind, Token, tokens},
    macros::call,
    precedence::{Binary, together},
    value::Val,
};

/// The most characters of an expression.
const MAX_LENGTH: usize = 100_000;
/// The most levels of an expression, binds included.
pub(super) const MAX_DEPTH: u32 = 250;

const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];
const KEYWORDS: [&str; 4] = ["in", "true", "false", "null"];

/// Reads an expression.
///
/// # Errors
///
/// Where it stops being one, and what was expected there.
pub(super) fn parse(text: &str) -> Result<Expr, CompileError> {
    // Bytes first: most rules are short.
    if text.len() > MAX_LENGTH && text.chars().count() > MAX_LENGTH {
        let size = text.chars().count();
        return Err(CompileError::new_bare(format!(
            "expression code point size exceeds limit: size: {size}, limit {MAX_LENGTH}"
        )));
    }
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0 };
    let expr = parser.expr()?;
    match parser.kind() {
        Kind::End => Ok(expr),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: u32,
}

pub(super) type Parsed = Result<Expr, CompileError>;

impl Parser {
    fn expr(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(too_deep(self.at()));
        }
        let first = self.binary()?;
        let expr = if self.eat("?") {
            let at = first.at;
            let yes = self.binary()?;
            self.expect(":")?;
            let no = self.expr()?;
            make(at, Node::Condition(Box::new([first, yes, no])))
        } else {
            Ok(first)
        };
        self.depth -= 1;
        expr
    }

    /// Operands and the operators between them. They are gathered first and put together afterwards, so that the levels of
    /// precedence take no room on the stack.
    fn binary(&mut self) -> Parsed {
        let first = self.unary()?;
        let mut rest = Vec::new();
        while let Some(operator) = self.operator() {
            let at = self.at();
            self.next += 1;
            rest.push((operator, at, self.unary()?));
        }
        if rest.is_empty() { Ok(first) } else { together(first, rest, 0) }
    }

    fn operator(&self) -> Option<Binary> {
        let symbol = match self.kind() {
            Kind::Symbol(symbol) => *symbol,
            Kind::Word(word) if &**word == "in" => "in",
            _ => return None,
        };
        Some(match symbol {
            "||" => Binary::Any,
            "&&" => Binary::All,
            "<" => Binary::Relation(Operator::Less),
            "<=" => Binary::Relation(Operator::LessEqual),
            ">" => Binary::Relation(Operator::Greater),
            ">=" => Binary::Relation(Operator::GreaterEqual),
            "==" => Binary::Relation(Operator::Equal),
            "!=" => Binary::Relation(Operator::NotEqual),
            "in" => Binary::Relation(Operator::In),
            "+" => Binary::Sum(Operator::Add),
            "-" => Binary::Sum(Operator::Subtract),
            "*" => Binary::Product(Operator::Multiply),
            "/" => Binary::Product(Operator::Divide),
            "%" => Binary::Product(Operator::Modulo),
            _ => return None,
        })
    }

    /// Repeated signs cancel each other out, also before what is neither a number nor a truth value.
    fn unary(&mut self) -> Parsed {
        let at = self.at();
        for symbol in ["!", "-"] {
            if !self.is(symbol) {
                continue;
            }
            let mut odd = false;
            while self.eat(symbol) {
                odd = !odd;
            }
            let negative = symbol == "-" && odd;
            if negative && let Kind::Int(digits) = self.kind() {
                let literal = format!("-{digits}");
                self.next += 1;
                let literal = int(at, &literal)?;
                return self.members(literal);
            }
            let operand = self.member()?;
            return match (odd, negative) {
                (false, _) => Ok(operand),
                (true, true) => make(at, Node::Negate(Box::new(operand))),
                (true, false) => make(at, Node::Not(Box::new(operand))),
            };
        }
        self.member()
    }

    fn member(&mut self) -> Parsed {
        let primary = self.primary()?;
        self.members(primary)
    }

    /// `.field`, `.call(..)` and `[index]` after an operand.
    fn members(&mut self, mut expr: Expr) -> Parsed {
        loop {
            let at = self.at();
            if self.eat(".") {
                let name = self.name("the name of a field or function", true)?;
                if self.eat("(") {
                    let args = self.list(")")?;
                    expr = call(at, name, Some(expr), args)?;
                } else {
                    expr = make(at, Node::Select { operand: Box::new(expr), field: name, test: false })?;
                }
            } else if self.eat("[") {
                let key = Box::new(self.expr()?);
                self.expect("]")?;
                expr = make(at, Node::Index { operand: Box::new(expr), key })?;
            } else {
                return Ok(expr);
            }
        }
    }

    fn primary(&mut self) -> Parsed {
        let at = self.at();
        let literal = match self.kind() {
            Kind::Word(word) => match &**word {
                "true" => Val::Bool(true),
                "false" => Val::Bool(false),
                "null" => Val::Null,
                _ => return self.named(at),
            },
            Kind::Int(digits) => {
                let digits = digits.clone();
                self.next += 1;
                return int(at, &digits);
            }
            Kind::Uint(digits) => match digits.parse() {
                Ok(number) => Val::Uint(number),
                Err(_) => return Err(CompileError::new(at, format!("{digits}u is no 64 bit number"))),
            },
            Kind::Double(number) => Val::Double(*number),
            Kind::Text(text) => Val::Text(Arc::clone(text)),
            Kind::Bytes(bytes) => Val::Bytes(Arc::clone(bytes)),
            Kind::Symbol("(") => {
                self.next += 1;
                let expr = self.expr()?;
                self.expect(")")?;
                return Ok(expr);
            }
            Kind::Symbol("[") => {
                self.next += 1;
                let items = self.list("]")?;
                return make(at, Node::List(items));
            }
            Kind::Symbol("{") => {
                self.next += 1;
                return self.map(at);
            }
            Kind::Symbol(".") => {
                self.next += 1;
                return self.named(at);
            }
            Kind::Symbol(_) | Kind::End => return Err(self.unexpected("a value")),
        };
        self.next += 1;
        make(at, Node::Literal(literal))
    }

    fn named(&mut self, at: u32) -> Parsed {
        let name = self.name("a value", false)?;
        if self.eat("(") {
            let args = self.list(")")?;
            return call(at, name, None, args);
        }
        make(at, Node::Name(name))
    }

    fn map(&mut self, at: u32) -> Parsed {
        let mut entries = Vec::new();
        while !self.eat("}") {
            let key = self.expr()?;
            self.expect(":")?;
            entries.push((key, self.expr()?));
            if !self.eat(",") {
                self.expect("}")?;
                break;
            }
        }
        make(at, Node::Map(entries))
    }

    /// Values up to `end`; lists may end with a comma, arguments may not.
    fn list(&mut self, end: &'static str) -> Result<Vec<Expr>, CompileError> {
        let mut items = Vec::new();
        while !self.eat(end) {
            items.push(self.expr()?);
            if !self.eat(",") {
                self.expect(end)?;
                break;
            }
            if end == ")" && self.is(end) {
                return Err(self.unexpected("a value"));
            }
        }
        Ok(items)
    }

    /// A name; after a dot reserved words are names as well.
    fn name(&mut self, expected: &str, field: bool) -> Result<Arc<str>, CompileError> {
        match self.kind() {
            Kind::Word(word) if KEYWORDS.contains(&&**word) => Err(self.unexpected(expected)),
            Kind::Word(word) if !field && RESERVED.contains(&&**word) => {
                Err(CompileError::new(self.at(), format!("reserved identifier: {word}")))
            }
            Kind::Word(word) => {
                let word = Arc::clone(word);
                self.next += 1;
                Ok(word)
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    fn kind(&self) -> &Kind {
        self.tokens.get(self.next).map_or(&Kind::End, |token| &token.kind)
    }

    fn at(&self) -> u32 {
        self.tokens.get(self.next).or(self.tokens.last()).map_or(0, |token| token.at)
    }

    fn is(&self, symbol: &str) -> bool {
        matches!(self.kind(), Kind::Symbol(found) if *found == symbol)
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<(), CompileError> {
        if self.eat(symbol) { Ok(()) } else { Err(self.unexpected(&format!("'{symbol}'"))) }
    }

    fn unexpected(&self, expected: &str) -> CompileError {
        let found = match self.kind() {
            Kind::End => "the end".to_owned(),
            Kind::Word(word) => format!("'{word}'"),
            Kind::Symbol(symbol) => format!("'{symbol}'"),
            Kind::Int(_) | Kind::Uint(_) | Kind::Double(_) => "a number".to_owned(),
            Kind::Text(_) | Kind::Bytes(_) => "a text".to_owned(),
        };
        let words = [("and", "&&"), ("or", "||"), ("not", "!"), ("is", "==")];
        let instead = words.iter().find(|(word, _)| found == format!("'{word}'"));
        let error = CompileError::new(self.at(), format!("expected {expected}, found {found}"));
        match instead {
            Some((_, symbol)) => error.help(format!("did you mean '{symbol}'?")),
            None => error,
        }
    }
}

/// An integer, whose digits may begin with a sign.
fn int(at: u32, digits: &str) -> Parsed {
    match digits.parse() {
        Ok(number) => make(at, Node::Literal(Val::Int(number))),
        Err(_) => {
            Err(CompileError::new(at, format!("For input string: \"{digits}\""))
                .help("integers have 64 bits"))
        }
    }
}

pub(super) fn too_deep(at: u32) -> CompileError {
    CompileError::new(at, format!("the expression nests deeper than {MAX_DEPTH} levels"))
}

/// A node above its parts, if it is not too high.
pub(super) fn make(at: u32, node: Node) -> Parsed {
    let below = match &node {
        Node::Literal(_) | Node::Name(_) => 0,
        Node::Select { operand, .. } => operand.height,
        Node::Not(operand) | Node::Negate(operand) => operand.height,
        Node::Index { operand, key } => operand.height.max(key.height),
        Node::Call { target, args, .. } => highest(target.as_deref().into_iter().chain(args)),
        Node::List(items) | Node::Logic { operands: items, .. } => highest(items),
        Node::Map(entries) => highest(entries.iter().flat_map(|(key, value)| [key, value])),
        Node::Chain { first, rest } => first.height.max(highest(rest.iter().map(|(_, _, right)| right))),
        Node::Condition(parts) => highest(parts.iter()),
        Node::Macro { range, body, .. } => highest(body.iter().flatten().chain([&**range])),
        Node::Bind { value, body, .. } => value.height.max(body.height),
    };
    if below >= MAX_DEPTH {
        return Err(too_deep(at));
    }
    Ok(Expr { at, node, height: below + 1 })
}

fn highest<'a>(parts: impl IntoIterator<Item = &'a Expr>) -> u32 {
    parts.into_iter().map(|part| part.height).max().unwrap_or(0)
}

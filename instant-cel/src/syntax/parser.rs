//! The parser: tokens to a tree.
//!
//! It counts levels while it descends, so that no text exhausts the stack. Chains of operators are
//! one level, whatever their length.

use std::sync::Arc;

use super::{
    ast::{Expr, Node, Operator, ParseResult},
    lexer::{Kind, Token, tokens},
    macros::call,
    precedence::{Binary, resolve_precedence},
};
use crate::{CelValue, CompileError, error::MAX_DEPTH};

/// Maximum length of an expression, in characters.
const MAX_LENGTH: usize = 100_000;

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

/// Parses an expression.
///
/// # Errors
///
/// Returns the first unexpected token, and what the parser expected there.
pub(crate) fn parse(text: &str) -> Result<Expr, CompileError> {
    // Counting characters is slow, and most rules are short.
    if text.len() > MAX_LENGTH && text.chars().count() > MAX_LENGTH {
        let size = text.chars().count();
        return Err(CompileError::new(format!(
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

impl Parser {
    fn expr(&mut self) -> ParseResult {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(CompileError::too_deep(self.at()));
        }
        let first = self.binary()?;
        let expr = if self.eat("?") {
            let at = first.at;
            let yes = self.binary()?;
            self.expect(":")?;
            let no = self.expr()?;
            Expr::new(at, Node::Condition(Box::new([first, yes, no])))
        } else {
            Ok(first)
        };
        self.depth -= 1;
        expr
    }

    /// Parses operands and the operators between them. Precedence is resolved afterwards, so that
    /// its levels take no room on the stack.
    fn binary(&mut self) -> ParseResult {
        let first = self.unary()?;
        let mut rest = Vec::new();
        while let Some(operator) = self.operator() {
            let at = self.at();
            self.next += 1;
            rest.push((operator, at, self.unary()?));
        }
        if rest.is_empty() { Ok(first) } else { resolve_precedence(first, rest, 0) }
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

    /// Parses an operand with its signs. Repeated signs cancel each other out before values of any
    /// type.
    fn unary(&mut self) -> ParseResult {
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
                (true, true) => Expr::new(at, Node::Negate(Box::new(operand))),
                (true, false) => Expr::new(at, Node::Not(Box::new(operand))),
            };
        }
        self.member()
    }

    fn member(&mut self) -> ParseResult {
        let primary = self.primary()?;
        self.members(primary)
    }

    /// Parses `.field`, `.call(..)` and `[index]` after an operand.
    fn members(&mut self, mut expr: Expr) -> ParseResult {
        loop {
            let at = self.at();
            if self.eat(".") {
                let name = self.name("the name of a field or function", true)?;
                if self.eat("(") {
                    let args = self.list(")")?;
                    expr = call(at, name, Some(expr), args)?;
                } else {
                    expr = Expr::new(at, Node::Select { operand: Box::new(expr), field: name, test: false })?;
                }
            } else if self.eat("[") {
                let key = Box::new(self.expr()?);
                self.expect("]")?;
                expr = Expr::new(at, Node::Index { operand: Box::new(expr), key })?;
            } else {
                return Ok(expr);
            }
        }
    }

    fn primary(&mut self) -> ParseResult {
        let at = self.at();
        let literal = match self.kind() {
            Kind::Word(word) => match &**word {
                "true" => CelValue::Bool(true),
                "false" => CelValue::Bool(false),
                "null" => CelValue::Null,
                _ => return self.named(at),
            },
            Kind::Int(digits) => {
                let digits = digits.clone();
                self.next += 1;
                return int(at, &digits);
            }
            Kind::Uint(digits) => match digits.parse() {
                Ok(number) => CelValue::Uint(number),
                Err(_) => return Err(CompileError::at(at, format!("{digits}u is not a 64-bit number"))),
            },
            Kind::Double(number) => CelValue::Double(*number),
            Kind::String(text) => CelValue::String(Arc::clone(text)),
            Kind::Bytes(bytes) => CelValue::Bytes(Arc::clone(bytes)),
            Kind::Symbol("(") => {
                self.next += 1;
                let expr = self.expr()?;
                self.expect(")")?;
                return Ok(expr);
            }
            Kind::Symbol("[") => {
                self.next += 1;
                let items = self.list("]")?;
                return Expr::new(at, Node::List(items));
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
        Expr::new(at, Node::Literal(literal))
    }

    fn named(&mut self, at: u32) -> ParseResult {
        let name = self.name("a value", false)?;
        if self.eat("(") {
            let args = self.list(")")?;
            return call(at, name, None, args);
        }
        Expr::new(at, Node::Name(name))
    }

    fn map(&mut self, at: u32) -> ParseResult {
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
        Expr::new(at, Node::Map(entries))
    }

    /// Parses values up to `end`. A list may end with a comma, arguments may not.
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

    /// Parses a name. After a dot, reserved words are names as well.
    fn name(&mut self, expected: &str, field: bool) -> Result<Arc<str>, CompileError> {
        match self.kind() {
            Kind::Word(word) if KEYWORDS.contains(&&**word) => Err(self.unexpected(expected)),
            Kind::Word(word) if !field && RESERVED.contains(&&**word) => {
                Err(CompileError::at(self.at(), format!("reserved identifier: {word}")))
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
            Kind::String(_) | Kind::Bytes(_) => "a string".to_owned(),
        };
        let words = [("and", "&&"), ("or", "||"), ("not", "!"), ("is", "==")];
        let instead = words.iter().find(|(word, _)| found == format!("'{word}'"));
        let error = CompileError::at(self.at(), format!("expected {expected}, found {found}"));
        match instead {
            Some((_, symbol)) => error.help(format!("did you mean '{symbol}'?")),
            None => error,
        }
    }
}

/// Creates an integer literal; the first of `digits` may be a sign.
fn int(at: u32, digits: &str) -> ParseResult {
    match digits.parse() {
        Ok(number) => Expr::new(at, Node::Literal(CelValue::Int(number))),
        Err(_) => {
            Err(CompileError::at(at, format!("For input string: \"{digits}\"")).help("integers have 64 bits"))
        }
    }
}

//! The lexer: text to tokens.

use std::sync::Arc;

use crate::CompileError;

/// A token with the position of its first character.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) at: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// A name or a reserved word.
    Word(Arc<str>),
    Int(String),
    Uint(String),
    Double(f64),
    String(Arc<str>),
    Bytes(Arc<[u8]>),
    Symbol(&'static str),
    End,
}

/// Symbols, longer ones first.
const SYMBOLS: [&str; 24] = [
    "&&", "||", "==", "!=", "<=", ">=", "[", "]", "(", ")", "{", "}", ".", ",", ":", "?", "+", "-", "*", "/",
    "%", "!", "<", ">",
];

/// Splits an expression into tokens; the last one is [`Kind::End`].
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, CompileError> {
    let mut lexer = Lexer { rest: text, at: 0 };
    let mut out = Vec::new();
    loop {
        lexer.skip_blanks();
        let at = lexer.at;
        let kind = lexer.token()?;
        let done = kind == Kind::End;
        out.push(Token { kind, at });
        if done {
            return Ok(out);
        }
    }
}

struct Lexer<'a> {
    rest: &'a str,
    at: u32,
}

impl Lexer<'_> {
    fn token(&mut self) -> Result<Kind, CompileError> {
        let Some(first) = self.rest.chars().next() else { return Ok(Kind::End) };
        if first.is_ascii_digit()
            || first == '.' && self.rest[1..].starts_with(|next: char| next.is_ascii_digit())
        {
            return self.number();
        }
        if let Some((prefix, raw, bytes)) = quoted_prefix(self.rest) {
            self.take(prefix);
            return self.quoted(raw, bytes);
        }
        if first.is_ascii_alphabetic() || first == '_' {
            let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let word = &self.rest[..end.unwrap_or(self.rest.len())];
            let word = Arc::from(word);
            self.take(str::len(&word));
            return Ok(Kind::Word(word));
        }
        match SYMBOLS.iter().find(|symbol| self.rest.starts_with(**symbol)) {
            Some(symbol) => {
                self.take(symbol.len());
                Ok(Kind::Symbol(symbol))
            }
            None => {
                let help = match first {
                    '=' => "equality is `==`",
                    '&' => "logical and is `&&`",
                    '|' => "logical or is `||`",
                    '`' | '$' | '@' => "write a key that is not an identifier as `data['key']`",
                    _ => "this character is only valid in a string",
                };
                let read = self.rest.chars().take(if matches!(first, '=' | '&' | '|') { 2 } else { 1 });
                let read = String::from_iter(read);
                Err(CompileError::at(self.at, format!("token recognition error at: '{read}'")).help(help))
            }
        }
    }

    /// Skips blanks and comments, which end with their line.
    fn skip_blanks(&mut self) {
        loop {
            let blanks =
                self.rest.len() - self.rest.trim_start_matches([' ', '\t', '\r', '\n', '\x0c']).len();
            let comment = match self.rest[blanks..].strip_prefix("//") {
                Some(comment) => 2 + comment.find('\n').unwrap_or(comment.len()),
                None => 0,
            };
            self.take(blanks + comment);
            if comment == 0 {
                return;
            }
        }
    }

    fn take(&mut self, bytes: usize) {
        let (taken, rest) = self.rest.split_at(bytes);
        self.at += taken.chars().count() as u32;
        self.rest = rest;
    }

    fn number(&mut self) -> Result<Kind, CompileError> {
        let (text, at) = (self.rest, self.at);
        if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            let digits = hex.len() - hex.trim_start_matches(|c: char| c.is_ascii_hexdigit()).len();
            if digits == 0 {
                return Err(CompileError::at(at, "expected hexadecimal digits after '0x'"));
            }
            let number = u128::from_str_radix(&hex[..digits.min(32)], 16).unwrap_or(u128::MAX).to_string();
            self.take(2 + digits);
            return Ok(if self.unsigned() { Kind::Uint(number) } else { Kind::Int(number) });
        }
        let digits = |from: usize| {
            text[from..].len() - text[from..].trim_start_matches(|c: char| c.is_ascii_digit()).len()
        };
        let mut end = digits(0);
        let mut whole = true;
        if text[end..].starts_with('.') && digits(end + 1) > 0 {
            end += 1 + digits(end + 1);
            whole = false;
        }
        if text[end..].starts_with(['e', 'E']) {
            let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
            let exponent = digits(end + 1 + sign);
            if exponent > 0 {
                end += 1 + sign + exponent;
                whole = false;
            }
        }
        self.take(end);
        if !whole {
            return Ok(Kind::Double(text[..end].parse().unwrap_or(f64::NAN)));
        }
        let number = text[..end].to_owned();
        Ok(if self.unsigned() { Kind::Uint(number) } else { Kind::Int(number) })
    }

    fn unsigned(&mut self) -> bool {
        let unsigned = self.rest.starts_with(['u', 'U']);
        self.take(usize::from(unsigned));
        unsigned
    }

    /// Reads a string or bytes from the opening quotes on, which are one or three.
    fn quoted(&mut self, raw: bool, bytes: bool) -> Result<Kind, CompileError> {
        let start = self.at;
        let single = if self.rest.starts_with('\'') { "'" } else { "\"" };
        let quote =
            if self.rest.starts_with(&single.repeat(3)) { single.repeat(3) } else { single.to_owned() };
        self.take(quote.len());
        let mut out = Content { text: String::new(), bytes: bytes.then(Vec::new) };
        loop {
            let Some(next) = self.rest.chars().next() else {
                return Err(CompileError::at(start, format!("unterminated string: expected {quote}")));
            };
            if self.rest.starts_with(&quote) {
                self.take(quote.len());
                return Ok(match out.bytes {
                    Some(bytes) => Kind::Bytes(bytes.into()),
                    None => Kind::String(out.text.into()),
                });
            }
            if quote.len() == 1 && matches!(next, '\n' | '\r') {
                return Err(CompileError::at(
                    start,
                    "a string in single quotes cannot span lines; use \\n, or three quotes",
                ));
            }
            if next == '\\' && !raw {
                self.escape(&mut out)?;
            } else {
                self.take(next.len_utf8());
                out.push(next);
            }
        }
    }

    fn escape(&mut self, out: &mut Content) -> Result<(), CompileError> {
        let at = self.at;
        let unknown =
            || CompileError::at(at, "unknown escape sequence; write a backslash as \\\\, or in r'..'");
        self.take(1);
        let Some(letter) = self.rest.chars().next() else { return Err(unknown()) };
        let (digits, radix) = match letter {
            'x' | 'X' => (2, 16),
            'u' => (4, 16),
            'U' => (8, 16),
            '0'..='3' => (3, 8),
            _ => {
                let plain = match letter {
                    'a' => '\x07',
                    'b' => '\x08',
                    'f' => '\x0c',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'v' => '\x0b',
                    '\\' | '?' | '"' | '\'' | '`' => letter,
                    _ => return Err(unknown()),
                };
                self.take(1);
                out.push(plain);
                return Ok(());
            }
        };
        if radix == 16 {
            self.take(1);
        }
        let code = self.rest.get(..digits).filter(|code| code.chars().all(|c| c.is_digit(radix)));
        let code = code.and_then(|code| u32::from_str_radix(code, radix).ok()).ok_or_else(unknown)?;
        self.take(digits);
        match (&mut out.bytes, u8::try_from(code)) {
            (Some(bytes), Ok(byte)) if digits < 4 => bytes.push(byte),
            _ => out.push(char::from_u32(code).ok_or_else(unknown)?),
        }
        Ok(())
    }
}

struct Content {
    text: String,
    bytes: Option<Vec<u8>>,
}

impl Content {
    fn push(&mut self, c: char) {
        match &mut self.bytes {
            Some(bytes) => bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None => self.text.push(c),
        }
    }
}

/// Returns the length of the prefix before a quote, and whether it says raw and bytes.
fn quoted_prefix(text: &str) -> Option<(usize, bool, bool)> {
    let quote = text.bytes().take(3).position(|byte| matches!(byte, b'\'' | b'"'))?;
    match text[..quote].to_ascii_lowercase().as_str() {
        "" => Some((0, false, false)),
        "r" => Some((1, true, false)),
        "b" => Some((1, false, true)),
        "br" | "rb" => Some((2, true, true)),
        _ => None,
    }
}

import type { Formula } from './ast.js'
import type { Tokens } from './tokens.js'

/** `/\`, `\/`, `=>`, `~` or `not`, parentheses, and what `atom` reads. */
export function parseFormula<Atom>(tokens: Tokens, atom: (tokens: Tokens) => Formula<Atom>): Formula<Atom> {
  const left = parseOr(tokens, atom)
  return tokens.accept('=>') ? { kind: 'implies', left, right: parseFormula(tokens, atom) } : left
}

function parseOr<Atom>(tokens: Tokens, atom: (tokens: Tokens) => Formula<Atom>): Formula<Atom> {
  let left = parseAnd(tokens, atom)
  while (tokens.accept('\\/') || tokens.accept('||')) left = { kind: 'or', left, right: parseAnd(tokens, atom) }
  return left
}

function parseAnd<Atom>(tokens: Tokens, atom: (tokens: Tokens) => Formula<Atom>): Formula<Atom> {
  let left = parseNot(tokens, atom)
  while (tokens.accept('/\\') || tokens.accept('&&')) left = { kind: 'and', left, right: parseNot(tokens, atom) }
  return left
}

function parseNot<Atom>(tokens: Tokens, atom: (tokens: Tokens) => Formula<Atom>): Formula<Atom> {
  if (tokens.accept('~') || tokens.accept('not') || tokens.accept('!')) return { kind: 'not', of: parseNot(tokens, atom) }
  if (tokens.accept('(')) {
    const inner = parseFormula(tokens, atom)
    tokens.expect(')')
    return inner
  }
  if (tokens.accept('true')) return { kind: 'true' }
  if (tokens.accept('false')) return { kind: 'false' }
  return atom(tokens)
}

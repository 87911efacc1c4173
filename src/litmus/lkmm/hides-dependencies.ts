import type { Action, Expr, Statement, Thread } from '../parse/ast.js'

/**
 * Whether the model can overlook a dependency in this thread: one through a plain access to shared memory, or through
 * which branch assigned a register that is read after it (linux-kernel.cat orders only marked accesses, and `ctrl` ends
 * with the branch).
 */
export function hidesDependencies({ body }: Thread): boolean {
  const reads = countReads(body)
  const hides = ({ action }: Statement): boolean => {
    const blocks = blocksOf(action)
    if (blocks.length > 0) return 'test' in action && plain(action.test) || blocks.some((block) => leaves(action.kind, block) || block.some(hides))
    return (action.kind === 'store' && action.order === 'plain') || expressions(action).some(plain)
  }
  /** Whether a register that the block assigns is read outside it, or in the next round of a loop. */
  const leaves = (kind: Action['kind'], block: readonly Statement[]): boolean => {
    const inside = kind === 'while' ? new Map<string, number>() : countReads(block)
    return assigned(block).some((name) => (reads.get(name) ?? 0) > (inside.get(name) ?? 0))
  }
  return body.some(hides)
}

function blocksOf(action: Action): readonly (readonly Statement[])[] {
  if (action.kind === 'if') return [action.body, action.otherwise]
  return action.kind === 'while' ? [action.body] : []
}

const assigned = (statements: readonly Statement[]): string[] =>
  statements.flatMap(({ action }) => [...(action.kind === 'assign' ? [action.name] : []), ...blocksOf(action).flatMap(assigned)])

/** How often each name is read. */
function countReads(statements: readonly Statement[], into = new Map<string, number>()): Map<string, number> {
  const read = (expr: Expr): void => {
    if (expr.kind === 'name') into.set(expr.name, (into.get(expr.name) ?? 0) + 1)
    for (const part of Object.values(expr)) if (typeof part === 'object') read(part as Expr)
  }
  for (const { action } of statements) {
    for (const expr of [...expressions(action), ...('test' in action ? [action.test] : [])]) read(expr)
    for (const block of blocksOf(action)) countReads(block, into)
  }
  return into
}

const expressions = (action: Action): Expr[] =>
  [...('at' in action ? [action.at] : []), ...('value' in action ? [action.value] : [])]

/** Whether an expression reads shared memory without READ_ONCE(). */
function plain(expr: Expr): boolean {
  if (expr.kind === 'unary') return plain(expr.of)
  if (expr.kind === 'binary') return plain(expr.left) || plain(expr.right)
  if (expr.kind === 'load' && expr.order === 'plain') return true
  return ('at' in expr && plain(expr.at)) || ('value' in expr && typeof expr.value === 'object' && plain(expr.value)) ||
    (expr.kind === 'cmpxchg' && plain(expr.old)) || (expr.kind === 'rmw' && plain(expr.operand))
}

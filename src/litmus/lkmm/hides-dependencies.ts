import type { Action, Expr, Statement, Thread } from '../parse/ast.js'

/**
 * Whether the model can overlook a dependency in this thread: one through a plain access to shared memory, or through
 * which branch assigned a register (linux-kernel.cat orders only marked accesses, and `ctrl` ends with the branch).
 */
export const hidesDependencies = ({ body }: Thread): boolean => body.some((statement) => hides(statement, false))

function hides({ action }: Statement, inBranch: boolean): boolean {
  if (action.kind === 'if') {
    return plain(action.test) || [...action.body, ...action.otherwise].some((s) => hides(s, true))
  }
  if (action.kind === 'while') return plain(action.test) || action.body.some((s) => hides(s, true))
  return (inBranch && action.kind === 'assign') || (action.kind === 'store' && action.order === 'plain') ||
    expressions(action).some(plain)
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

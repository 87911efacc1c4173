import { types as t } from '@babel/core'
import { walk } from './syntax.js'

/** The functions of a file and the arms of their branches, each with its number (engine/model/arms.ts). */
export class Arms {
  private readonly functions: string[] = []
  private count = 0

  /** `noted` makes the expression that notes that the arm of this number was entered; `lineOf` is where a node is in the source. */
  constructor(private readonly noted: (number: number) => t.Expression, private readonly lineOf: (node: t.Node) => number) {}

  get any(): boolean {
    return this.count > 0
  }

  /** What the runtime is told of the file. */
  get told(): readonly [places: string, count: number] {
    return [this.functions.join(';'), this.count]
  }

  /** Makes a generator function, of which this is the body, note that it, and each arm of its own branches, is entered. */
  mark(fn: t.Function, name: string): void {
    const arms: string[] = []
    const own = this.count++
    const note = (node: t.Node, kind: 't' | 'e' | 'c' | 'l'): t.Expression => {
      arms.push(`${this.lineOf(node)}${kind}`)
      return this.noted(this.count++)
    }
    walk(fn.body, (node) => {
      // What the transform has put in is no branch of the source.
      if (!node.loc) return
      if (t.isIfStatement(node)) {
        node.consequent = after(note(node, 't'), node.consequent)
        node.alternate = after(note(node, 'e'), node.alternate)
      } else if (t.isConditionalExpression(node)) {
        node.consequent = t.sequenceExpression([note(node, 't'), node.consequent])
        node.alternate = t.sequenceExpression([note(node, 'e'), node.alternate])
      } else if (t.isSwitchCase(node)) {
        node.consequent.unshift(t.expressionStatement(note(node, 'c')))
      } else if (t.isLoop(node)) {
        node.body = after(note(node, 'l'), node.body)
      }
    })
    const { body } = fn
    if (t.isBlockStatement(body)) body.body.unshift(t.expressionStatement(this.noted(own)))
    this.functions.push(`${name}@${this.lineOf(fn)}${arms.length > 0 ? `:${arms.join(',')}` : ''}`)
  }
}

/** A block is changed in place: others know of it. */
function after(note: t.Expression, statement: t.Statement | null | undefined): t.BlockStatement {
  const first = t.expressionStatement(note)
  if (!t.isBlockStatement(statement)) return t.blockStatement([first, ...(statement ? [statement] : [])])
  statement.body.unshift(first)
  return statement
}

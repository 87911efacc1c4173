import { types as t } from '@babel/core'
import { type Locals, THIS } from './locals.js'
import { isLogicalAssignment } from './pending.js'
import { children, isClosure, type Names, NONE, operands, union } from './syntax.js'
import { leaving } from './abrupt.js'
import { pendingCompletion } from './lower.js'

/** Where control goes from a place: what is live there. */
interface Exits {
  /** By label; '' is the innermost loop or switch. */
  readonly breaks: ReadonlyMap<string, Names>
  readonly continues: ReadonlyMap<string, Names>
  readonly returns: Names
  /** Live in the nearest handler. Anything may throw, so within a `try` this is part of every live set. */
  readonly throws: Names
}

/**
 * Which variables are live after each `yield*` of a function: read later, on some path, before they are written.
 * Goes backwards over the syntax tree; loops are repeated until nothing changes.
 */
export class Liveness {
  readonly after = new Map<t.YieldExpression, Names>()

  constructor(private readonly locals: Locals, body: t.BlockStatement) {
    this.block(body.body, NONE, { breaks: new Map(), continues: new Map(), returns: NONE, throws: NONE })
  }

  private block(body: readonly t.Statement[], out: Names, exits: Exits): Names {
    return body.reduceRight((live, node) => this.statement(node, live, exits), out)
  }

  /** What is live before `node`, given what is live after it. `labels` are those right before a loop. */
  private statement(node: t.Statement, out: Names, exits: Exits, labels: readonly string[] = []): Names {
    const visit = (node: t.Node | null | undefined, live: Names): Names => (node ? this.expression(node, live, exits) : live)
    switch (node.type) {
      case 'BlockStatement':
        return this.block(node.body, out, exits)
      case 'VariableDeclaration':
        return node.declarations.reduceRight((live, { id, init }) => {
          if (!init && node.kind === 'var') return live
          return visit(init, this.assign(id, live, exits))
        }, out)
      case 'IfStatement': {
        const otherwise = node.alternate ? this.statement(node.alternate, out, exits) : out
        return visit(node.test, union(this.statement(node.consequent, out, exits), otherwise))
      }
      case 'ReturnStatement':
        return visit(node.argument, union(exits.returns, exits.throws))
      case 'ThrowStatement':
        return visit(node.argument, exits.throws)
      case 'BreakStatement':
        return union(exits.breaks.get(node.label?.name ?? '')!, exits.throws)
      case 'ContinueStatement':
        return union(exits.continues.get(node.label?.name ?? '')!, exits.throws)
      case 'LabeledStatement': {
        const breaks = new Map(exits.breaks).set(node.label.name, out)
        return this.statement(node.body, out, { ...exits, breaks }, [...labels, node.label.name])
      }
      case 'SwitchStatement':
        return this.switch(node, out, exits)
      case 'TryStatement':
        return this.try(node, out, exits)
      case 'WhileStatement':
        return fixpoint((head) => visit(node.test, union(out, this.loop(node.body, head, out, exits, labels))))
      case 'DoWhileStatement':
        return fixpoint((head) => this.loop(node.body, visit(node.test, union(out, head)), out, exits, labels))
      case 'ForStatement': {
        const head = fixpoint((head) => {
          const body = this.loop(node.body, visit(node.update, head), out, exits, labels)
          return visit(node.test, node.test ? union(out, body) : body)
        })
        return t.isVariableDeclaration(node.init) ? this.statement(node.init, head, exits) : visit(node.init, head)
      }
      case 'ForOfStatement':
      case 'ForInStatement': {
        const target = t.isVariableDeclaration(node.left) ? node.left.declarations[0]!.id : node.left
        const head = fixpoint((head) =>
          union(out, this.assign(target, this.loop(node.body, head, out, exits, labels), exits)))
        return visit(node.right, head)
      }
      case 'FunctionDeclaration':
        return out
      default:
        return children(node).reduceRight((live, child) => visit(child, live), out)
    }
  }

  private loop(body: t.Statement, again: Names, out: Names, exits: Exits, labels: readonly string[]): Names {
    const breaks = new Map(exits.breaks).set('', out)
    const continues = new Map(exits.continues).set('', again)
    for (const label of labels) continues.set(label, again)
    return this.statement(body, again, { ...exits, breaks, continues })
  }

  private switch(node: t.SwitchStatement, out: Names, exits: Exits): Names {
    const inner = { ...exits, breaks: new Map(exits.breaks).set('', out) }
    let live = out
    let entry = node.cases.some((c) => !c.test) ? NONE : out
    for (const { test, consequent } of node.cases.toReversed()) {
      live = this.block(consequent, live, inner)
      entry = union(entry, live, test ? this.expression(test, NONE, exits) : NONE)
    }
    return this.expression(node.discriminant, entry, exits)
  }

  private try(node: t.TryStatement, out: Names, exits: Exits): Names {
    let after = out
    let outside = exits
    if (node.finalizer) {
      // However the protected part ended, the finally block runs, and then goes on to where that was going.
      const left = [node.block, ...(node.handler ? [node.handler.body] : [])].flatMap(leaving)
      const targets = left.map((exit) => this.statement(t.isReturnStatement(exit) ? t.returnStatement() : exit, NONE, exits))
      const completion = new Set(pendingCompletion(node))
      after = this.block(node.finalizer.body, union(out, exits.throws, ...targets, completion), exits)
      const through = (targets: ReadonlyMap<string, Names>): Map<string, Names> =>
        new Map([...targets.keys()].map((label) => [label, after]))
      outside = { breaks: through(exits.breaks), continues: through(exits.continues), returns: after, throws: after }
    }
    if (!node.handler) return this.block(node.block.body, after, outside)
    const handler = this.block(node.handler.body.body, after, outside)
    const caught = node.handler.param ? this.assign(node.handler.param, handler, outside) : handler
    return this.block(node.block.body, union(after, caught), { ...outside, throws: caught })
  }

  private expression(node: t.Node, out: Names, exits: Exits): Names {
    const visit = (node: t.Node, live: Names): Names => this.expression(node, live, exits)
    const all = (nodes: readonly t.Node[], live: Names): Names => nodes.reduceRight((l, n) => visit(n, l), live)
    if (t.isYieldExpression(node)) {
      this.after.set(node, union(this.after.get(node) ?? NONE, out))
      return visit(node.argument!, out)
    }
    if (t.isIdentifier(node)) return union(out, this.locals.read(node.name))
    if (t.isThisExpression(node) || t.isSuper(node)) return union(out, new Set([THIS]))
    if (isClosure(node)) return union(out, this.locals.captured(node))
    if (t.isLogicalExpression(node)) return visit(node.left, union(out, visit(node.right, out)))
    if (t.isConditionalExpression(node)) {
      return visit(node.test, union(visit(node.consequent, out), visit(node.alternate, out)))
    }
    if (t.isAssignmentExpression(node)) return this.assignment(node, out, exits)
    if (t.isOptionalCallExpression(node) || t.isOptionalMemberExpression(node)) return union(out, all(operands(node), out))
    return all(operands(node), out)
  }

  private assignment(node: t.AssignmentExpression, out: Names, exits: Exits): Names {
    const maybe = isLogicalAssignment(node)
    const assigned = t.isMemberExpression(node.left) ? out : this.assign(node.left, out, exits)
    const value = this.expression(node.right, assigned, exits)
    const live = maybe ? union(out, value) : value
    if (t.isMemberExpression(node.left)) return this.pattern(node.left, live, exits)
    return node.operator !== '=' && t.isIdentifier(node.left) ? union(live, this.locals.read(node.left.name)) : live
  }

  /** What is live before `target` is assigned. */
  private assign(target: t.Node, out: Names, exits: Exits): Names {
    return union(this.pattern(target, out, exits), exits.throws)
  }

  /** A pattern may evaluate its defaults, which read what its earlier parts have assigned. */
  private pattern(node: t.Node, out: Names, exits: Exits): Names {
    if (t.isIdentifier(node)) return new Set([...out].filter((name) => name !== node.name))
    if (t.isRestElement(node)) return this.pattern(node.argument, out, exits)
    if (t.isAssignmentPattern(node)) {
      const live = this.pattern(node.left, out, exits)
      return union(live, this.expression(node.right, live, exits))
    }
    if (t.isObjectProperty(node)) {
      const live = this.pattern(node.value, out, exits)
      return node.computed ? this.expression(node.key, live, exits) : live
    }
    if (t.isPattern(node)) return children(node).reduceRight((live, part) => this.pattern(part, live, exits), out)
    return t.isMemberExpression(node) ? operands(node).reduceRight((l, n) => this.expression(n, l, exits), out) : out
  }
}

const fixpoint = (step: (live: Names) => Names): Names => {
  let live = NONE
  for (;;) {
    const next = step(live)
    if (next.size === live.size) return next
    live = next
  }
}

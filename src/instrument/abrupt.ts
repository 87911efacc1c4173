import { types as t } from '@babel/core'
import { children, isClosure } from './syntax.js'

export type Leaving = t.ReturnStatement | t.BreakStatement | t.ContinueStatement

/** The statements below `node` that go on somewhere outside of it. */
export const leaving = (node: t.Node): Leaving[] => {
  const found: Leaving[] = []
  const go = (node: t.Node, labels: readonly string[], inLoop: boolean, inSwitch: boolean): void => {
    if (isClosure(node)) return
    if (t.isReturnStatement(node)) found.push(node)
    else if (t.isBreakStatement(node) || t.isContinueStatement(node)) {
      const stays = node.label ? labels.includes(node.label.name) : inLoop || (inSwitch && t.isBreakStatement(node))
      if (!stays) found.push(node)
    } else if (t.isLabeledStatement(node)) go(node.body, [...labels, node.label.name], inLoop, inSwitch)
    else for (const child of children(node)) go(child, labels, inLoop || t.isLoop(node), inSwitch || t.isSwitchStatement(node))
  }
  go(node, [], false, false)
  return found
}

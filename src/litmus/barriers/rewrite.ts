import type { LitmusTest, Statement } from '../parse/ast.js'

/** A statement, the thread it is in, and its number among all statements of the test. */
export interface Site {
  readonly statement: Statement
  readonly thread: number
  readonly index: number
  /** The statement that follows in the same block. */
  readonly next: Statement | undefined
}

/** All statements of a test, branches included, in the order of the text. */
export function sitesOf(test: LitmusTest): Site[] {
  const sites: Site[] = []
  const walk = (statements: readonly Statement[], thread: number): void => statements.forEach((statement, i) => {
    sites.push({ statement, thread, index: sites.length, next: statements[i + 1] })
    const { action } = statement
    if (action.kind === 'if') {
      walk(action.body, thread)
      walk(action.otherwise, thread)
    } else if (action.kind === 'while') walk(action.body, thread)
  })
  test.threads.forEach(({ body }, thread) => walk(body, thread))
  return sites
}

/** The test with some statements replaced: `edit` gets each statement with its number. */
export function rewrite(test: LitmusTest, edit: (statement: Statement, index: number) => readonly Statement[]): LitmusTest {
  let index = 0
  const walk = (statements: readonly Statement[]): Statement[] => statements.flatMap((statement) => {
    const edited = edit(statement, index++)
    const { action } = statement
    if (action.kind !== 'if' && action.kind !== 'while') return edited
    const body = walk(action.body)
    const inner = action.kind === 'if' ? { ...action, body, otherwise: walk(action.otherwise) } : { ...action, body }
    return edited.map((one) => (one === statement ? { ...one, action: inner } : one))
  })
  return { ...test, threads: test.threads.map((thread) => ({ ...thread, body: walk(thread.body) })) }
}

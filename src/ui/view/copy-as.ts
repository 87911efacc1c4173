import { type Layout, layout, LAYOUTS } from '../../trace/layouts.js'
import { testText } from './test-text.js'
import { traceText } from './trace-text.js'
import type { View } from './view.js'

export const COPY_FORMATS = ['commit', 'table', 'lockdep', 'comment', 'rst', 'markdown', 'json', 'test'] as const
export type CopyFormat = (typeof COPY_FORMATS)[number]

export const COPY_NAMES: Readonly<Record<CopyFormat, string>> = {
  commit: 'commit table', table: 'whole report', lockdep: 'lockdep', comment: 'C comment', rst: 'reStructuredText',
  markdown: 'Markdown', json: 'trace JSON', test: 'a test',
}

/** The run in a shape for pasting. */
export function copyText(view: View, format: CopyFormat): string {
  if (format === 'json') return traceText(view)
  if (format === 'test') return testText(view)
  if (format === 'lockdep' && view.verdict?.lockdep) return view.verdict.lockdep
  const isLayout = (name: string): name is Layout => (LAYOUTS as readonly string[]).includes(name)
  const name = isLayout(format) ? format : 'commit'
  return layout(name, view.verdict?.report ?? layout('commit', '', view.trace, {}), view.trace, {})
}

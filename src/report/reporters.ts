import type { Report } from './case.js'
import { github } from './github.js'
import { html } from './html.js'
import { json } from './json.js'
import { junit } from './junit.js'
import { sarif } from './sarif.js'

/** What a report can be written as. */
export const REPORTERS = { junit, sarif, github, json, html } as const satisfies Record<string, (report: Report) => string>

export type ReporterName = keyof typeof REPORTERS

export const reporterNames = Object.keys(REPORTERS) as readonly ReporterName[]

export const isReporter = (name: string): name is ReporterName => Object.hasOwn(REPORTERS, name)

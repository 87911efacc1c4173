import { writeFileSync } from 'node:fs'
import { UserError } from '../engine/errors.js'
import { nearestHint } from '../engine/nearest.js'
import { shown } from '../engine/shown.js'
import type { Report } from '../report/case.js'
import { isReporter, type ReporterName, reporterNames, REPORTERS } from '../report/reporters.js'
import type { Print } from './print.js'
import { checkReportTarget } from './target-file.js'

export const REPORTER_HELP = `${reporterNames.join(', ')}; =FILE to write it there; may be given several times`

/** A report to write, to a file or to standard output. */
interface Wanted {
  readonly name: ReporterName
  readonly file: string | undefined
}

/** What `--reporter` asks for. */
export class Reporters {
  private constructor(private readonly wanted: readonly Wanted[]) {}

  /** `junit`, or `junit=FILE`; each file is looked at before anything is searched. */
  static of(texts: readonly string[] = []): Reporters {
    const wanted = texts.map((text) => {
      const [, name, file] = /^([^=]*)(?:=(.*))?$/s.exec(text)!
      if (!isReporter(name!)) throw new UserError('unknown-reporter', `there is no reporter ${shown(name!)}`, nearestHint(name!, reporterNames, `the reporters are ${reporterNames.join(', ')}`))
      if (file === '') throw new UserError('no-target', `--reporter ${text} names no file`, `--reporter ${name}=FILE, or --reporter ${name} for standard output`)
      return { name, file }
    })
    const printed = wanted.filter(({ file }) => file === undefined)
    if (printed.length > 1) throw new UserError('two-reports', `${printed.map(({ name }) => name).join(' and ')} both go to standard output`, 'give one of them a file: --reporter junit=FILE')
    const files = wanted.flatMap(({ file }) => file ?? [])
    const twice = files.find((file, i) => files.indexOf(file) < i)
    if (twice !== undefined) throw new UserError('two-reports', `two reports go to ${twice}`, 'give each a file of its own')
    files.forEach((file) => checkReportTarget(file))
    return new Reporters(wanted)
  }

  get any(): boolean {
    return this.wanted.length > 0
  }

  /** Whether one takes the place of the tables on standard output. Annotations stand beside them. */
  get printsInstead(): ReporterName | undefined {
    return this.wanted.find(({ file, name }) => file === undefined && name !== 'github')?.name
  }

  write(report: Report, print: Print): void {
    for (const { name, file } of this.wanted) {
      const text = REPORTERS[name](report)
      if (file !== undefined) writeFileSync(file, text)
      else if (text !== '') print(text.trimEnd())
    }
  }
}

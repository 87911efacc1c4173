import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { UserError } from '../engine/errors.js'
import type { HuntOptions } from '../hunt/hunt.js'
import { kernelKey } from '../hunt/hunted-kernel.js'
import type { SceneResult } from '../hunt/scene-result.js'

/** A hunt as a file: a line that says of what it is, then a line for each scene that was checked. */
export class HuntNotes {
  /** The options, with what is known and who is told. */
  readonly options: HuntOptions

  constructor({ checkpoint, resume }: { readonly checkpoint?: string; readonly resume?: string }, options: HuntOptions) {
    if (checkpoint !== undefined && resume !== undefined) throw new UserError('two-files', '--checkpoint and --resume', '--resume goes on noting in its own file')
    const file = checkpoint ?? resume
    const known = resume === undefined ? [] : notesIn(resume, headOf(options))
    if (checkpoint !== undefined) writeFileSync(checkpoint, `${headOf(options)}\n`)
    if (resume !== undefined && !readFileSync(resume, 'utf8').endsWith('\n')) appendFileSync(resume, '\n')
    this.options = file === undefined ? options : { ...options, known, tell: (result) => appendFileSync(file, `${JSON.stringify(result)}\n`) }
  }
}

/** What a hunt must agree in with the one that it goes on with. */
const headOf = ({ kernel, against, lanes, seed, bounds: { states } }: HuntOptions): string =>
  JSON.stringify({ hunt: 2, kernel: kernelKey(kernel), against: against && kernelKey(against), lanes, seed, states })

function notesIn(file: string, head: string): SceneResult[] {
  if (!existsSync(file)) throw new UserError('no-file', `there is no file ${file}`, 'mmrace hunt --checkpoint FILE makes one')
  const [first, ...lines] = readFileSync(file, 'utf8').split('\n').filter((line) => line !== '')
  if (first !== head) throw new UserError('other-hunt', `${file} is of another hunt: ${first?.slice(0, 200)}`, 'give the same kernels, lanes, seed and bounds')
  return lines.flatMap((line) => read(line))
}

/** Of a line that was not written to its end nothing is known. */
function read(line: string): SceneResult[] {
  try {
    return [JSON.parse(line) as SceneResult]
  } catch {
    return []
  }
}

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { SourceMapPayload } from 'node:module'
import path from 'node:path'
import { instrument } from './instrument.js'
import { holdsModelCode } from './model-code.js'

/**
 * Instruments, in place, the compiled model code of the package, keeping its maps to the sources; `steps`: without plain forms.
 * Gives the number of files.
 */
export const instrumentBuild = (dist: string, steps = false): number => {
  const runtime = path.join(dist, 'src/engine/model/at.js')
  let count = 0
  for (const entry of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const filename = path.join(dist, entry)
    const inPackage = entry.replaceAll(path.sep, '/')
    if (!inPackage.endsWith('.js')) continue
    const code = readFileSync(filename, 'utf8')
    if (!holdsModelCode(inPackage, code)) continue
    const inputSourceMap = JSON.parse(readFileSync(`${filename}.map`, 'utf8')) as SourceMapPayload
    const relative = path.relative(path.dirname(filename), runtime).replaceAll(path.sep, '/')
    const result = instrument(code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, ''), {
      filename,
      typescript: false,
      runtime: relative.startsWith('.') ? relative : `./${relative}`,
      displayName: inPackage.replace(/\.js$/, '.ts'),
      inputSourceMap,
      steps,
    })
    writeFileSync(filename, `${result.code}\n//# sourceMappingURL=${path.basename(filename)}.map\n`)
    writeFileSync(`${filename}.map`, JSON.stringify(result.map))
    count++
  }
  return count
}

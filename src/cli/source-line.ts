import { existsSync, readFileSync } from 'node:fs'
import { UserError } from '../engine/errors.js'
import { sourceText } from './page-bundle.js'

/** Lines of the model's sources and of a user's files. A build without the page has none of the model's. */
export function lineOfSource(): (file: string, line: number) => string | undefined {
  const texts = new Map<string, readonly string[]>()
  const linesOf = (file: string): readonly string[] => {
    try {
      return (sourceText(file) ?? (existsSync(file) ? readFileSync(file, 'utf8') : '')).split('\n')
    } catch (error) {
      if (error instanceof UserError) return []
      throw error
    }
  }
  return (file, line) => {
    const lines = texts.get(file) ?? linesOf(file)
    texts.set(file, lines)
    return lines[line - 1]
  }
}

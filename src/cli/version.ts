import { readFileSync } from 'node:fs'
import path from 'node:path'
import { PACKAGE } from './package.js'

/** Of this package. */
export const version = (): string => (JSON.parse(readFileSync(path.join(PACKAGE, 'package.json'), 'utf8')) as { version: string }).version

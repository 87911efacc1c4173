import { existsSync } from 'node:fs'
import path from 'node:path'

const above = (place: string): string => (existsSync(path.join(place, 'package.json')) ? place : above(path.dirname(place)))

/** The folder of this package, found from wherever the build has put this module. */
export const PACKAGE = above(import.meta.dirname)

import { closeSync, constants, lstatSync, openSync, readSync, rmSync, accessSync, mkdirSync, statSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { UserError } from '../engine/errors.js'

/** How a file of some kind that mmrace wrote begins. */
const OURS = {
  checkpoint: /^mmrace-checkpoint /,
  trace: /^\{\s*"format": *"mmrace-trace"/,
  report: /^(?:<\?xml [^]*<testsuites>|<!doctype html>[^]*<meta name="generator" content="mmrace|\{\s*"(?:\$schema": *"[^"]*sarif|format": *"mmrace-results")|::(?:error|warning) )|^$/i,
  page: /^<!doctype html>[^]*<meta name="generator" content="mmrace/i,
} as const

export type TargetKind = keyof typeof OURS

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/**
 * Refuses a file that cannot be written, or that holds something else, before hours of searching. What mmrace wrote there
 * before may be written over; a trace or page may also go to a device or pipe.
 */
export function checkTarget(file: string, kind: TargetKind): void {
  const there = lstatSync(file, { throwIfNoEntry: false })
  if (!there) return tryBeside(file)
  if (kind !== 'checkpoint' && !there.isFile() && !there.isDirectory() && !there.isSymbolicLink()) return
  const target = kind === 'checkpoint' ? there : statSync(file, { throwIfNoEntry: false }) ?? there
  if (!target.isFile()) {
    if (kind !== 'checkpoint' && !target.isDirectory() && !target.isSymbolicLink()) return
    throw new UserError('bad-target', `${file} is ${target.isDirectory() ? 'a directory' : target.isSymbolicLink() ? 'a link' : 'no plain file'}`, 'name a file of its own')
  }
  if (!OURS[kind].test(headOf(file))) throw new UserError('exists', `${file} exists, and is no ${kind} of mmrace`, 'name another file; what others wrote is not written over')
  try {
    accessSync(file, constants.W_OK)
  } catch (cause) {
    throw cannotWrite(file, cause)
  }
}

/** The same for a report; its folder is made if need be. */
export function checkReportTarget(file: string): void {
  checkFolder(path.dirname(file))
  checkTarget(file, 'report')
}

/** A folder, made if need be. */
export function checkFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true })
  } catch (cause) {
    throw new UserError('bad-target', `${dir} cannot be a folder: ${textOf(cause)}`, 'name a folder that is there, or can be made')
  }
}

/** A name beside the file that nothing has, so that opening it with `wx` writes over nothing. */
export const beside = (file: string): string => `${file}.${randomBytes(6).toString('hex')}.part`

function tryBeside(file: string): void {
  const probe = beside(file)
  try {
    closeSync(openSync(probe, 'wx'))
    rmSync(probe)
  } catch (cause) {
    throw cannotWrite(file, cause)
  }
}

const cannotWrite = (file: string, cause: unknown): UserError =>
  new UserError('no-target', `${file} cannot be written: ${textOf(cause).replaceAll(/\.[0-9a-f]{12}\.part/g, '')}`, `name a file in a folder that you can write to; ${path.dirname(file)} is not one`)

function headOf(file: string): string {
  try {
    const from = openSync(file, 'r')
    try {
      const bytes = Buffer.alloc(1024)
      return bytes.toString('utf8', 0, readSync(from, bytes, 0, bytes.length, 0))
    } finally {
      closeSync(from)
    }
  } catch (cause) {
    throw cannotWrite(file, cause)
  }
}

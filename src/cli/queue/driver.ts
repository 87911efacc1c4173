import type * as BullMQ from 'bullmq'
import type { Redis } from 'ioredis'
import { UserError } from '../../engine/errors.js'
import { type Address, addressOf } from './address.js'

export interface Driver {
  readonly bullmq: Pick<typeof BullMQ, 'Job' | 'Queue' | 'Worker' | 'UnrecoverableError'>
  readonly connection: Address & { readonly maxRetriesPerRequest: null }
  /** For what is beside the queue; not connected yet. */
  readonly client: Redis
}

/** BullMQ, and how to connect: with ioredis, which it takes unless told otherwise. A project that wants a queue installs both. */
export async function driver(url: string): Promise<Driver> {
  const connection: Driver['connection'] = { ...addressOf(url), maxRetriesPerRequest: null }
  try {
    const [bullmq, ioredis] = [await import('bullmq'), await import('ioredis')]
    return { bullmq, connection, client: new ioredis.Redis({ ...connection, lazyConnect: true }) }
  } catch (cause) {
    throw new UserError('no-bullmq', `the queue needs packages that are not installed: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}`, 'npm install bullmq ioredis')
  }
}

/** Seconds to wait for a server at the start. Later on it may come back whenever it likes. */
const PATIENCE = 5

/** Whether the server answers. Throws a UserError when it does not. */
export async function reached<T>(ready: Promise<T>, url: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('too late')), PATIENCE * 1000)
  })
  try {
    return await Promise.race([ready, late])
  } catch {
    throw new UserError('no-server', `nothing answers at ${new URL(url).host}`, 'redis-server, or valkey-server, has to run there; and a password has to be the right one')
  } finally {
    clearTimeout(timer)
  }
}

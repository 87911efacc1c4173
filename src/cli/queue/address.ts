import { UserError } from '../../engine/errors.js'

/** How to reach the server. */
export interface Address {
  readonly host: string
  readonly port: number
  readonly db: number
  readonly username?: string
  readonly password?: string
  readonly tls?: object
}

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/
const FORM = 'redis://:PASSWORD@HOST:6379, or rediss: for TLS'

/** `redis://127.0.0.1:6379/2`. Beyond this machine a password is asked for: whoever reaches the server can have work done. */
export function addressOf(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') throw new UserError('bad-queue', `--queue ${text.replace(/:[^:@/]*@/, ':…@')} is no address`, FORM)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const [, db = ''] = url.pathname.split('/')
  if (!/^\d*$/.test(db)) throw new UserError('bad-queue', `there is no database ${db}`, FORM)
  if (!LOOPBACK.test(host) && url.password === '') throw new UserError('no-password', `${host} is not this machine, and no password is given`, FORM)
  return {
    host, port: Number(url.port || 6379), db: Number(db),
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
    ...(url.protocol === 'rediss:' && { tls: {} }),
  }
}

// Debian's packages of other suites and architectures, beside those of the machine itself.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const SUITES = ['bookworm', 'trixie', 'trixie-backports', 'sid']

/** The archive that this machine takes its packages from. */
function archive() {
  const folder = '/etc/apt/sources.list.d'
  const files = [...(existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : []), '/etc/apt/sources.list']
  for (const file of files.filter((name) => existsSync(name))) {
    const found = /^(?:URIs:\s*|deb (?:\[[^\]]*\] )?)(\S+)/m.exec(readFileSync(file, 'utf8'))
    if (found) return found[1]
  }
  throw new Error('no archive is named in /etc/apt: recording needs Debian\'s tools')
}

/** apt-get with lists of its own. What it downloads is checked by its SHA-256, which is pinned. */
function apt(cache, arch, args, cwd) {
  const dir = path.join(cache, arch)
  const sources = path.join(cache, 'sources')
  for (const name of [`${dir}/lists/partial`, `${dir}/cache/archives/partial`, sources]) mkdirSync(name, { recursive: true })
  writeFileSync(path.join(sources, 'all.list'), SUITES.map((suite) => `deb [trusted=yes] ${archive()} ${suite} main\n`).join(''))
  const option = (text) => ['-o', text]
  execFileSync('apt-get', [
    ...option(`APT::Architecture=${arch}`), ...option(`APT::Architectures=${arch}`), ...option(`Dir::State::Lists=${dir}/lists`),
    ...option('Dir::Etc::sourcelist=/dev/null'), ...option(`Dir::Etc::sourceparts=${sources}`), ...option(`Dir::Cache=${dir}/cache`),
    ...option('Dir::State::status=/dev/null'), '-qq', ...args,
  ], { cwd, stdio: ['ignore', 'ignore', 'ignore'] })
}

const tries = (run) => {
  try {
    run()
    return true
  } catch {
    return false
  }
}

/** The file of a package, from the archive unless it is in `cache` already. */
export function packageFile(cache, { arch, name, version, sha256 }) {
  mkdirSync(cache, { recursive: true })
  const file = () => readdirSync(cache).filter((one) => one.startsWith(`${name}_`)).map((one) => path.join(cache, one))
    .find((one) => createHash('sha256').update(readFileSync(one)).digest('hex') === sha256)
  const wanted = `${name}:${arch}=${version}`
  const download = () => tries(() => apt(cache, arch, ['download', wanted], cache))
  if (!file() && !download()) {
    // Lists of some suites may fail while the archive is being updated: those of the others do.
    tries(() => apt(cache, arch, ['update'], cache))
    download()
  }
  const found = file()
  if (!found) throw new Error(`no ${wanted} with SHA-256 ${sha256} in the archive`)
  return found
}

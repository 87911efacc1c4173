// Makes a checkout ready to run: installs what package-lock.json names when it is not there yet, then builds.
import { execSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'

const installed = 'node_modules/.package-lock.json'
const stale = !existsSync(installed) || statSync(installed).mtimeMs < statSync('package-lock.json').mtimeMs
if (stale) execSync('npm ci --no-audit --no-fund --loglevel=error', { stdio: 'inherit' })
execSync('npm run --silent build', { stdio: 'inherit' })

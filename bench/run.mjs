// Runs mmrace and its peers on the same work, one after the other, and prints times, counts and ratios.
//   npm run bench -- [--runs 5] [--peers mmrace,SPIN] [--json] [5,3,0 6,3,1 …]     sizes: walkers,ptes,fix
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { median } from './measure.mjs'
import * as genmc from './peers/genmc.mjs'
import * as mmrace from './peers/mmrace.mjs'
import * as spin from './peers/spin.mjs'
import * as tlc from './peers/tlc.mjs'
import { report } from './report.mjs'

const ALL = [
  mmrace.unreduced, mmrace.unreducedTwo, spin.unreduced, mmrace.reduced, mmrace.reducedTwo, spin.reduced, tlc.peer, genmc.peer,
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '5' }, peers: { type: 'string' }, json: { type: 'boolean', default: false } },
})
const runs = Number(values.runs)
const sizes = (positionals.length > 0 ? positionals : ['5,3,0', '5,3,1']).map((text) => {
  const [walkers, ptes, fix] = text.split(',').map(Number)
  return { walkers, ptes, fix: fix === 1 }
})
const wanted = values.peers?.split(',')
const peers = ALL.filter((peer) => !wanted || wanted.includes(peer.name) || wanted.includes(peer.name.split(',')[0]))

const results = []
const absent = []
for (const peer of peers) {
  const missing = peer.missing()
  if (missing) absent.push({ peer: peer.name, missing })
}
const present = peers.filter((peer) => !peer.missing())
for (const size of sizes) {
  const prepared = present.map((peer) => ({ peer, place: peer.prepare(size), measured: [] }))
  // In turn, so that what else the machine does meets all of them.
  for (let run = 0; run < runs; run++) for (const { peer, place, measured } of prepared) measured.push(peer.run(size, place))
  for (const { peer, place, measured } of prepared) {
    place.done?.()
    const middle = (key) => median(measured.map((m) => m[key]))
    results.push({
      size, peer: peer.name, reduced: peer.reduced, ...measured[0], compile: place.compile, runs,
      wall: middle('wall'), cpu: middle('cpu'), searching: middle('searching'),
      spread: [Math.min(...measured.map((m) => m.cpu)), Math.max(...measured.map((m) => m.cpu))],
    })
  }
}
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, load: loadavg()[0], node: process.version }
console.log(values.json ? JSON.stringify({ machine, absent, results }, undefined, 2) : report(machine, absent, results))

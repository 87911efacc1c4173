// `mmrace/node`: races by name and from files (docs/library.md).
export { builtInRaces, loadRace } from '../cli/races.js'
export { ownChanges as loadChanges } from '../cli/own-changes.js'

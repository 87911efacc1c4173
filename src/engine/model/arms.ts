/** A function of instrumented model code, with the arms of its branches. */
export interface FunctionArms {
  readonly file: string
  readonly name: string
  readonly line: number
  readonly entered: boolean
  readonly arms: readonly Arm[]
}

/** One way that a branch can go. */
export interface Arm {
  readonly line: number
  readonly kind: ArmKind
  readonly entered: boolean
}

/** By the letter that instrumented code has for each. */
export const ARM_KINDS = { t: 'then', e: 'else', c: 'case', l: 'loop' } as const

export type ArmKind = (typeof ARM_KINDS)[keyof typeof ARM_KINDS]

interface FileArms {
  /** `name@line:14t,14e;…`: its functions in order, each with its arms. */
  readonly places: string
  readonly entered: Uint8Array
}

const files = new Map<string, FileArms>()

/** For instrumented code: where each of its functions and arms notes that it was entered, in the order of `places`. */
export const armsOf = (file: string, places: string, count: number): Uint8Array => {
  const entered = new Uint8Array(count)
  files.set(file, { places, entered })
  return entered
}

/** From now on nothing has been entered. */
export const forgetArms = (): void => files.forEach(({ entered }) => void entered.fill(0))

/** All functions of the instrumented code that is loaded, and which of them and of their arms model code has entered. A set-up does not count. */
export function* knownArms(): Generator<FunctionArms> {
  for (const [file, { places, entered }] of files) {
    let at = 0
    for (const one of places.split(';')) {
      const [, name, line, arms] = /^(.*)@(\d+)(?::(.*))?$/.exec(one)!
      const own = entered[at++] === 1
      yield {
        file, name: name!, line: Number(line), entered: own,
        arms: (arms?.split(',') ?? []).map((arm) => ({ line: Number.parseInt(arm, 10), kind: ARM_KINDS[arm.at(-1) as keyof typeof ARM_KINDS], entered: entered[at++] === 1 })),
      }
    }
  }
}

/** By file, which of its functions and arms have been entered; files with none left out. For another thread, or a file. */
export const enteredArms = (): [file: string, entered: Uint8Array][] =>
  [...files].filter(([, { entered }]) => entered.includes(1)).map(([file, { entered }]) => [file, entered.slice()])

/** Notes what has been entered elsewhere, by the same code. */
export const addEntered = (elsewhere: readonly (readonly [file: string, entered: Uint8Array])[]): void => {
  for (const [file, theirs] of elsewhere) {
    const entered = files.get(file)?.entered
    if (entered?.length !== theirs.length) throw new Error(`${file} is not the same there and here`)
    theirs.forEach((one, i) => void (one && (entered[i] = 1)))
  }
}

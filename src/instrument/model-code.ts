const MODEL_CODE = /^(src\/(machine|kernel|oracles|hunt\/operations)|races|bench|docs\/examples|test)\//

/** Whether there may be anything in a module for the transform to look at. */
export const mayHoldGenerators = (code: string): boolean => /\bfunction\s*\*|\*\s*[\w$'"[]+[^()]*\(/.test(code)

/** Whether a module of this package is instrumented. `file` is relative to the package, with slashes. */
export const holdsModelCode = (file: string, code: string): boolean => MODEL_CODE.test(file) && mayHoldGenerators(code)

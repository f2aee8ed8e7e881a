import { HeaderBlock } from '@tsws/http'
import { compilePattern } from './path-pattern.ts'

/** Fields for the files whose path matches. */
export interface HeaderRule {
  /** Path of the file below the root, where `*` stands for any run of characters: `/assets/*`, `*.pdf`. */
  path: string
  /** Fields to set; null takes one away. */
  headers: Readonly<Record<string, string | null>>
}

export interface CompiledRule {
  readonly pattern: RegExp
  readonly headers: readonly (readonly [name: string, value: string | null])[]
}

/** @throws {TypeError} when a rule is not one, or names a field that is not the rules' to set */
export function compileHeaderRules(rules: readonly HeaderRule[]): readonly CompiledRule[] {
  if (!Array.isArray(rules)) throw new TypeError('serveStatic: headers must be a list of { path, headers }')
  return rules.map((rule: HeaderRule, index) => {
    if (typeof rule?.path !== 'string' || typeof rule.headers !== 'object' || rule.headers === null)
      throw new TypeError(`serveStatic: headers[${index}] must be { path, headers }`)
    const headers = Object.entries(rule.headers)
    for (const [name, value] of headers) {
      if (NOT_BY_RULE.has(name.toLowerCase()))
        throw new TypeError(`serveStatic: headers[${index}] cannot set ${name}: the file itself decides it`)
      void new HeaderBlock({ [name]: value ?? '' })
    }
    return { pattern: compilePattern(rule.path), headers }
  })
}

/** Puts the rules that match `path` over `fields`, in order. */
export function applyHeaderRules(
  rules: readonly CompiledRule[],
  path: string,
  fields: readonly (readonly [name: string, value: string])[],
): (readonly [name: string, value: string])[] {
  const result = [...fields]
  for (const rule of rules) {
    if (!rule.pattern.test(path)) continue
    for (const [name, value] of rule.headers) {
      const at = result.findIndex(([other]) => other.toLowerCase() === name.toLowerCase())
      if (at >= 0) result.splice(at, 1)
      if (value !== null) result.push([name, value])
    }
  }
  return result
}

/** A rule that set these would lie about the bytes that follow, or break their framing. */
const NOT_BY_RULE: ReadonlySet<string> = new Set([
  'accept-ranges',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'date',
  'etag',
  'last-modified',
  'transfer-encoding',
])

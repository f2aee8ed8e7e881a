/**
 * The directives of a Content-Security-Policy (CSP Level 3 §6): name to source list.
 * `true` or an empty list stands for a directive without a value.
 */
export type PolicyDirectives = Readonly<Record<string, string | readonly string[] | true>>

/**
 * What is safe to send in front of any site. It closes the three ways in that ordinary sites don't
 * use: a foreign page that frames this one (clickjacking), a foreign plug-in, and an injected
 * `<base>` that redirects every relative link. Scripts, styles, fonts and connections are left alone
 * on purpose: built sites carry inline scripts, web fonts and calls to APIs that a server can't know.
 */
export const DEFAULT_POLICY: PolicyDirectives = Object.freeze({
  'base-uri': "'self'",
  'object-src': "'self'",
  'frame-ancestors': "'self'",
})

/** For a site whose every script, style and connection is a file or an address of its own. */
export const STRICT_POLICY: PolicyDirectives = Object.freeze({
  'default-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
  'object-src': "'none'",
})

/**
 * The value of a Content-Security-Policy field.
 * @throws {TypeError} for a directive name or a source that would break the policy apart
 */
export function contentSecurityPolicy(directives: PolicyDirectives): string {
  const parts = Object.entries(directives).map(([name, value]) => directive(name, value))
  if (parts.length === 0) {
    throw new TypeError(
      'contentSecurityPolicy: a policy needs at least one directive; to send none, use false',
    )
  }
  return parts.join('; ')
}

const DIRECTIVE_NAME = /^[a-z0-9-]+$/i
// `;` ends a directive, `,` ends a policy, and a field carries visible ASCII (CSP3 §2.2.1).
const DIRECTIVE_VALUE = /^[\x21-\x2b\x2d-\x3a\x3c-\x7e]+$/
// Written bare, these are host names that match nothing: the commonest mistake in a policy.
const BARE_KEYWORD = /^(?:self|none|unsafe-inline|unsafe-eval|wasm-unsafe-eval|strict-dynamic|report-sample)$/

function directive(name: string, value: string | readonly string[] | true): string {
  if (!DIRECTIVE_NAME.test(name)) {
    throw new TypeError(
      `contentSecurityPolicy: a directive name is letters, digits and "-", got ${JSON.stringify(name)}`,
    )
  }
  const sources = value === true ? [] : typeof value === 'string' ? value.split(/\s+/).filter(Boolean) : value
  for (const source of sources) checkSource(name, source)
  return [name, ...sources].join(' ')
}

function checkSource(name: string, source: string): void {
  if (typeof source !== 'string' || !DIRECTIVE_VALUE.test(source)) {
    throw new TypeError(
      `contentSecurityPolicy: a source of ${name} is visible ASCII without ";" and ",", got ${JSON.stringify(source)}`,
    )
  }
  if (BARE_KEYWORD.test(source)) {
    throw new TypeError(
      `contentSecurityPolicy: ${name} holds ${source}, which needs single quotes: '${source}'`,
    )
  }
}

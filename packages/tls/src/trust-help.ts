/**
 * How browsers and programs learn to trust a local authority. Nothing here is done by itself: what a machine trusts is for
 * its owner to say.
 *
 * @param path of its certificate
 */
export function trustHelp(path: string): string {
  const file = /[^\w./:\\-]/.test(path) ? `"${path}"` : path
  return `The local authority's certificate:

  ${path}

It can only certify localhost, private addresses, and names below .localhost, .test, .local, .home.arpa, .internal and .lan.
Its key, beside it, belongs to you alone: give away the certificate, never the key.

Debian, Ubuntu        sudo cp ${file} /usr/local/share/ca-certificates/tsws-local-authority.crt
                      sudo update-ca-certificates
Fedora, Arch          sudo trust anchor ${file}
Chromium on Linux     certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n "tsws local authority" -i ${file}
                      (package libnss3-tools or nss-tools)
macOS                 sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${file}
Windows               certutil -user -addstore Root ${file}
Firefox               Settings, Privacy & Security, View Certificates, Authorities, Import
Node.js               NODE_EXTRA_CA_CERTS=${file}
curl                  curl --cacert ${file} https://localhost:8080/

Start the browser again afterwards.
`
}

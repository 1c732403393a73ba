package ldap_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/tenancy"
)

const (
	slapd     = "/usr/sbin/slapd"
	searchers = "searcher's own"
	pass      = "correct horse battery"
)

const slapdConf = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile %[1]s/cert.pem
TLSCertificateKeyFile %[1]s/key.pem
database mdb
suffix "dc=example,dc=net"
rootdn "cn=admin,dc=example,dc=net"
rootpw "%[2]s"
directory %[1]s/db
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=plaza,dc=example,dc=net" read by * none
`

// Users see nothing of the tree, not even their groups: the searcher does. One uid is there twice.
const ldif = `dn: dc=example,dc=net
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,dc=example,dc=net
objectClass: organizationalUnit
ou: people

dn: ou=guests,ou=people,dc=example,dc=net
objectClass: organizationalUnit
ou: guests

dn: cn=plaza,dc=example,dc=net
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: plaza
userPassword: %[1]s

dn: uid=Ann.Lee,ou=people,dc=example,dc=net
objectClass: inetOrgPerson
uid: Ann.Lee
cn: Ann Lee
sn: Lee
mail: ann@example.net
userPassword: %[2]s

dn: uid=bob,ou=people,dc=example,dc=net
objectClass: inetOrgPerson
uid: bob
cn: Bob (the builder)*
sn: Bob
userPassword: %[2]s

dn: uid=twin,ou=people,dc=example,dc=net
objectClass: inetOrgPerson
uid: twin
cn: One
sn: One
userPassword: %[2]s

dn: uid=twin,ou=guests,ou=people,dc=example,dc=net
objectClass: inetOrgPerson
uid: twin
cn: Other
sn: Other
userPassword: %[2]s

dn: cn=tills,dc=example,dc=net
objectClass: groupOfNames
cn: tills
member: uid=Ann.Lee,ou=people,dc=example,dc=net

dn: cn=auditors,dc=example,dc=net
objectClass: groupOfNames
cn: auditors
member: uid=Ann.Lee,ou=people,dc=example,dc=net
member: uid=bob,ou=people,dc=example,dc=net
`

// directory is a slapd of the test's own.
type directory struct {
	plain, tls string // addresses
	ca         string
	cmd        *exec.Cmd
}

func startSlapd(t *testing.T) *directory {
	t.Helper()
	if _, err := os.Stat(slapd); err != nil {
		t.Skip("install the Debian package slapd to test against it")
	}
	dir := t.TempDir()
	d := &directory{ca: certify(t, dir), plain: free(t), tls: free(t)}
	conf := filepath.Join(dir, "slapd.conf")
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, slapdConf, dir, pass), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "db"), 0o700))
	load := exec.Command("/usr/sbin/slapadd", "-f", conf) //nolint:noctx // it ends
	load.Stdin = bytes.NewReader(fmt.Appendf(nil, ldif, searchers, pass))
	said, err := load.CombinedOutput()
	require.NoError(t, err, "%s", said)
	var out bytes.Buffer
	d.cmd = exec.Command(slapd, "-f", conf, "-h", "ldap://"+d.plain+" ldaps://"+d.tls, "-d", "0") //nolint:noctx // stopped below
	d.cmd.Stderr, d.cmd.SysProcAttr = &out, &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, d.cmd.Start())
	t.Cleanup(d.stop)
	require.Eventually(t, func() bool { return answers(d.plain) && answers(d.tls) }, 30*time.Second, 20*time.Millisecond, "slapd does not answer")
	return d
}

func (d *directory) stop() {
	if d.cmd != nil {
		_ = d.cmd.Process.Kill()
		_ = d.cmd.Wait()
		d.cmd = nil
	}
}

func answers(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	return err == nil && conn.Close() == nil
}

func free(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // of no use before it is closed
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// certify makes a certificate for loopback and returns it.
func certify(t *testing.T, dir string) string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	about := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "slapd"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cert.pem"), cert, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	return string(cert)
}

// settings reach it as a searcher, over ldaps.
func (d *directory) settings() tenancy.LDAPSettings {
	return tenancy.LDAPSettings{URL: "ldaps://" + d.tls, CA: d.ca, BindDN: "cn=plaza,dc=example,dc=net", BaseDN: "ou=people,dc=example,dc=net", GroupBaseDN: "dc=example,dc=net"}
}

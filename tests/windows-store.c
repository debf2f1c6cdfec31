/* Puts a certificate into the user's store of trusted authorities, as an administrator would:
 * windows-store CERTIFICATE.der */

#include <stdio.h>
#include <windows.h>

int main(int argc, char **argv) {
  static BYTE certificate[65536];
  FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  HCERTSTORE store = CertOpenSystemStoreA(0, "ROOT");
  size_t length;

  if (file == NULL || store == NULL) {
    fprintf(stderr, "cannot open the file or the store\n");
    return 1;
  }
  length = fread(certificate, 1, sizeof certificate, file);
  fclose(file);
  if (!CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, certificate, (DWORD)length,
                                        CERT_STORE_ADD_REPLACE_EXISTING, NULL)) {
    fprintf(stderr, "the store refuses the certificate: %lu\n", (unsigned long)GetLastError());
    return 1;
  }
  return CertCloseStore(store, 0) ? 0 : 1;
}

package postgres

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/keystore"
)

// certificateProof is the vault's word on a stored certificate: see
// keystore.MasterKey.Prove.
type certificateProof struct {
	id    int64
	proof []byte // nil: there is none
}

// Trust says whose certifications the proofs of certificates speak of: the
// company's, as the workers know them. It may be said again when they are others.
func (s *Store) Trust(certifiers []keystore.Certificate) { s.certifiers.Store(&certifiers) }

// readKeys fills in the fingerprints from the certificates, on every core: where the
// vault has not given its word yet every signature is verified, which takes a quarter of a
// millisecond each time. It returns the proofs that are not stored yet.
func (s *Store) readKeys(pins []standingPin) ([]certificateProof, error) {
	now := time.Now()
	var certifiers []keystore.Certificate
	if known := s.certifiers.Load(); known != nil {
		certifiers = *known
	}
	proofs := make([]certificateProof, len(pins))
	var readers errgroup.Group
	readers.SetLimit(runtime.GOMAXPROCS(0))
	for from := 0; from < len(pins); from += 100 {
		readers.Go(func() error {
			for i := from; i < min(from+100, len(pins)); i++ {
				p := &pins[i]
				if p.certificate == nil {
					continue
				}
				certificate, err := s.vault.ReadProven(p.certificate, certifiers, p.proof)
				if err != nil {
					return fmt.Errorf("read the certificate of slip %s: %w", p.Slip, err)
				}
				p.Fingerprint, p.Subkeys = certificate.Fingerprint(), certificate.EncryptionSubkeys(now)
				if proof := s.vault.Prove(certificate, certifiers); !bytes.Equal(proof, p.proof) {
					proofs[i] = certificateProof{p.id, proof}
				}
			}
			return nil
		})
	}
	err := readers.Wait()
	return slices.DeleteFunc(proofs, func(p certificateProof) bool { return p.id == 0 }), err
}

// keepProofs stores proofs beside their certificates, outside of the transaction
// that made them: nobody is to wait for a certificate because a run is approved. One
// that is not stored costs its reader time, and nothing else.
func (s *Store) keepProofs(ctx context.Context, proofs []certificateProof) {
	for part := range slices.Chunk(proofs, pinBundle) {
		ids, words := make([]int64, len(part)), make([][]byte, len(part))
		for i, p := range part {
			ids[i], words[i] = p.id, p.proof
		}
		_, err := s.pool.Exec(ctx, `update certificates c set proof = p.proof from unnest($1::bigint[], $2::bytea[]) as p(id, proof)
			where c.id = p.id`, ids, words)
		if err != nil {
			return
		}
	}
}

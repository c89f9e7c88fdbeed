package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/keystore"
)

// signedFile is the answer of file sign and file clearsign.
type signedFile struct {
	Out      string `json:"out"`
	SignedBy string `json:"signed_by"`
}

func newFileSign(a *app) *cobra.Command {
	return a.signCommand("sign IN -o OUT", "Sign a file; the signature goes to a file of its own",
		func(s *keystore.Signer, content []byte) ([]byte, error) { return s.SignDetached(content) })
}

func newFileClearsign(a *app) *cobra.Command {
	return a.signCommand("clearsign IN -o OUT", "Sign a text; text and signature go to one file",
		func(s *keystore.Signer, content []byte) ([]byte, error) { return s.Clearsign(content) })
}

func (a *app) signCommand(use, short string, sign func(*keystore.Signer, []byte) ([]byte, error)) *cobra.Command {
	var files signerFlags
	var out string
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  exactly(1, "one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			place, err := outputName(out, args[0], ".asc", files.file, files.passphraseFile)
			if err != nil {
				return err
			}
			in, err := readInput(cmd, args[0], largestFile)
			if err != nil {
				return err
			}
			signer, err := files.open(a)
			if err != nil {
				return err
			}
			signed, err := sign(signer, in.content)
			if err != nil {
				return err
			}
			if err := writeOutput(cmd, place, signed, in.mode); err != nil {
				return err
			}
			return a.say(cmd, place, signedFile{place, signer.UserID()}, fmt.Sprintf("%s: signed by %s", place, signer.UserID()))
		},
	}
	files.add(cmd)
	cmd.Flags().StringVarP(&out, "out", "o", "", "file to write (default: IN.asc)")
	return cmd
}

// verifiedFile is the answer of file verify.
type verifiedFile struct {
	File   string             `json:"file"`
	Out    string             `json:"out,omitempty"`
	Signer keystore.Signature `json:"signer"`
}

func newFileVerify(a *app) *cobra.Command {
	var from []string
	var signature, out string
	cmd := &cobra.Command{
		Use:   "verify --from CERTIFICATE [--signature SIG] IN",
		Short: "Say who signed a file",
		Long: "Verify a clear-signed text, a signed message, or a file with its signature in\n" +
			"--signature. With -o what was signed, and nothing else, is written to a file.\n" +
			"Exit code 1 says that there is no good signature by a given certificate.",
		Args: exactly(1, "one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := refuseOver(out, append(from, args[0], signature)); err != nil {
				return err
			}
			senders, err := readSenders(from)
			if err != nil {
				return err
			}
			in, err := readInput(cmd, args[0], largestFile)
			if err != nil {
				return err
			}
			content, by, err := verify(in.content, signature, senders)
			if err != nil {
				return err
			}
			if out != "" {
				if err := writeOutput(cmd, out, content, in.mode); err != nil {
					return err
				}
			}
			return a.say(cmd, out, verifiedFile{args[0], out, by}, goodSignature(args[0], by))
		},
	}
	cmd.Flags().StringArrayVar(&from, "from", nil, "file of the certificate that it must be signed by; may be given again")
	cmd.Flags().StringVar(&signature, "signature", "", "file of a detached signature")
	cmd.Flags().StringVarP(&out, "out", "o", "", "file for what was signed")
	return cmd
}

func verify(content []byte, signatureFile string, senders []keystore.Certificate) ([]byte, keystore.Signature, error) {
	if signatureFile == "" {
		return keystore.Verify(content, senders)
	}
	signature, err := os.ReadFile(signatureFile)
	if err != nil {
		return nil, keystore.Signature{}, fmt.Errorf("read signature: %w", err)
	}
	by, err := keystore.VerifyDetached(content, signature, senders)
	return content, by, err
}

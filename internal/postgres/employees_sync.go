package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// hrTimeout is how long the customer's HR database may take for its query.
const hrTimeout = 2 * time.Minute

// maxHRRows bounds what a wrong query can bring in.
const maxHRRows = 2_000_000

// ReadHR runs one query on the customer's own HR Postgres, in a transaction that
// cannot write, and returns the columns' names and every row as text; null is
// the empty text, a truth is yes or no. Its errors carry nothing of what is stored there.
func ReadHR(ctx context.Context, url, query string) (columns []string, rows [][]string, err error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, nil, errors.New("read HR database URL: it is not a postgres:// URL or a key=value string")
	}
	for name, value := range map[string]string{
		"application_name": "payseal", "default_transaction_read_only": "on", "datestyle": "ISO", "timezone": "UTC",
		"statement_timeout": fmt.Sprint(hrTimeout.Milliseconds()),
	} {
		config.RuntimeParams[name] = value
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, nil, fmt.Errorf("connect to the HR database: %w", hrError(err))
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly, IsoLevel: pgx.RepeatableRead})
	if err != nil {
		return nil, nil, fmt.Errorf("read the HR database: %w", hrError(err))
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	columns, rows, err = readText(ctx, tx, query)
	if err != nil {
		return nil, nil, fmt.Errorf("read the HR database: %w", hrError(err))
	}
	return columns, rows, nil
}

// readText runs one statement (the extended protocol takes no second one that
// could end the transaction) and takes every value as Postgres writes it.
func readText(ctx context.Context, tx pgx.Tx, query string) (columns []string, rows [][]string, err error) {
	result, err := tx.Query(ctx, strings.TrimSpace(query), pgx.QueryResultFormats{pgx.TextFormatCode})
	if err != nil {
		return nil, nil, err
	}
	defer result.Close()
	for result.Next() {
		if len(rows) == maxHRRows {
			return nil, nil, fmt.Errorf("the query returns more than %d rows", maxHRRows)
		}
		values := result.RawValues()
		row := make([]string, len(values))
		for i, v := range values {
			row[i] = hrText(result.FieldDescriptions()[i].DataTypeOID, v)
		}
		rows = append(rows, row)
	}
	for _, f := range result.FieldDescriptions() {
		columns = append(columns, f.Name)
	}
	return columns, rows, result.Err()
}

// hrText is a value as a file of employees has it: as Postgres writes it, but a
// truth as yes or no.
func hrText(oid uint32, value []byte) string {
	if oid != pgtype.BoolOID || len(value) == 0 {
		return string(value)
	}
	if value[0] == 't' {
		return "yes"
	}
	return "no"
}

// hrError keeps what helps to mend a query and nothing of the data. Postgres's
// own words are kept where they can only quote the query (SQLSTATE class 42).
func hrError(err error) error {
	var broken *pgconn.PgError
	switch {
	case !errors.As(err, &broken):
		return err
	case broken.Code == "25006":
		return errors.New("the query writes; it must only read")
	case broken.Code == "57014":
		return fmt.Errorf("the query took longer than %s", hrTimeout)
	case strings.HasPrefix(broken.Code, "42"):
		return fmt.Errorf("%s (SQLSTATE %s, character %d of the query)", broken.Message, broken.Code, broken.Position)
	}
	return scrub(err)
}

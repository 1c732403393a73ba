package main

import (
	"os"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/stretchr/testify/require"
)

// TestDocumentIsCheckedIn fails when openapi.yaml is not what the code says; go generate ./pkg/api writes it.
func TestDocumentIsCheckedIn(t *testing.T) {
	require.NoError(t, run("../openapi.yaml", true))
}

func TestDocumentIsValid(t *testing.T) {
	data, err := os.ReadFile("../openapi.yaml")
	require.NoError(t, err)
	doc, err := libopenapi.NewDocument(data)
	require.NoError(t, err)
	v, errs := validator.NewValidator(doc)
	require.Empty(t, errs)
	ok, problems := v.ValidateDocument()
	for _, p := range problems {
		for _, why := range p.SchemaValidationErrors {
			t.Log(p.Message, why.Reason, why.KeywordLocation)
		}
	}
	require.True(t, ok)
}

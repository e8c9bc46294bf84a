package merchantweb

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"hutong/base/fault"
	"hutong/goods/catalog"
	"hutong/goods/picture"
	"hutong/surface/page"
)

const (
	picturesBodyMax = 60 << 20
	picturesAtOnce  = 10
)

func (w *web) picturesOf(r *http.Request, t page.Tongue, v *editorView, p catalog.Product) error {
	alts, err := w.Catalog.Alts(r.Context(), p.ID)
	if err != nil {
		return err
	}
	v.PicturesAction = productPath(p.ID) + "/pictures"
	v.Drop = page.FileDrop{ID: "pictures", Name: "pictures", Label: t.T("merchantweb.pictures_add"), Many: true,
		Required: true, Accept: "image/jpeg,image/png,image/gif,image/webp",
		Hint: t.T("merchantweb.pictures_hint", "max", picture.BytesMax>>20, "n", picturesAtOnce)}
	for i, id := range p.Pictures {
		one := pictureView{ID: string(id), Small: page.PictureURL(string(id), picture.Small), First: i == 0,
			Last: i == len(p.Pictures)-1, Name: t.T("merchantweb.picture_n", "n", i+1), Alt: alts[id].In(t.Lang)}
		one.Describe = altDialog(t, one, v.PicturesAction, alts[id])
		v.Pictures = append(v.Pictures, one)
	}
	return nil
}

// altDialog asks what is to be seen on a picture, for those who cannot see it.
func altDialog(t page.Tongue, one pictureView, action string, said catalog.Words) page.Dialog {
	field := func(name, words string) page.Field {
		return page.Field{ID: one.ID + "-" + name, Name: name, Kind: "text", Label: t.T("merchantweb." + name), Value: words,
			Length: catalog.AltMax}
	}
	return page.Dialog{ID: "alt-" + one.ID, Open: t.T("merchantweb.alt_open"),
		Title: t.T("merchantweb.alt_of", "name", one.Name),
		Text:  t.T("merchantweb.alt_text"), Action: action,
		Hidden:  []page.Pair{{Name: "picture", Value: one.ID}, {Name: "do", Value: "describe"}},
		Fields:  []page.Field{field("alt_zh", said.Zh), field("alt_en", said.En)},
		Confirm: page.Act{Text: t.T("merchantweb.save"), Main: true}}
}

// savePictures adds pictures to a product, moves one or takes one away. What comes in is decoded and encoded again, so
// no byte of a stranger's file is ever served (FAULTS A12).
func (w *web) savePictures(rw http.ResponseWriter, r *http.Request) error {
	id := catalog.ID(r.PathValue("product"))
	sheet, err := w.Edit.Open(r.Context(), shopOf(r), id)
	if err != nil {
		return err
	}
	all, said := slices.Clone(sheet.Product.Pictures), false
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		var fresh []catalog.PictureID
		if fresh, err = w.receivePictures(r); err == nil && len(fresh) == 0 {
			err = fault.New(fault.Invalid, "upload.missing").At("pictures")
		}
		all = append(all, fresh...)
	} else if said = r.PostFormValue("do") == "describe"; said {
		err = w.Catalog.Describe(r.Context(), catalog.Describe{Shop: shopOf(r), Product: id,
			Picture: catalog.PictureID(r.PostFormValue("picture")),
			Words:   catalog.Words{Zh: r.PostFormValue("alt_zh"), En: r.PostFormValue("alt_en")}})
	} else {
		all, err = arranged(all, r.PostFormValue("do"), catalog.PictureID(r.PostFormValue("picture")))
	}
	if err == nil && !said {
		draft := sheet.Draft(w.Currency)
		draft.Product.Pictures = unique(all)
		_, err = w.Edit.Save(r.Context(), draft)
	}
	if err == nil {
		page.Flash(rw, "good", "merchantweb.pictures_saved")
		return page.See(rw, r, productPath(id)+"#pictures-all")
	}
	if !page.Own(err) || fault.Of(err) == fault.NotFound {
		return err
	}
	return w.showEditor(rw, r, formOf(sheet, w.Currency), fault.As(err).At("pictures"))
}

func unique(all []catalog.PictureID) []catalog.PictureID {
	var out []catalog.PictureID
	for _, id := range all {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// arranged does what a picture's buttons say.
func arranged(all []catalog.PictureID, do string, id catalog.PictureID) ([]catalog.PictureID, error) {
	at := slices.Index(all, id)
	switch {
	case at < 0:
		return nil, fault.New(fault.NotFound, "picture.not_found")
	case do == "remove":
		return slices.Delete(all, at, at+1), nil
	case do == "first":
		return slices.Insert(slices.Delete(all, at, at+1), 0, id), nil
	case do == "up" && at > 0:
		all[at-1], all[at] = all[at], all[at-1]
	case do == "down" && at < len(all)-1:
		all[at+1], all[at] = all[at], all[at+1]
	}
	return all, nil
}

// receivePictures keeps the pictures of a form, one after the other.
func (w *web) receivePictures(r *http.Request) (all []catalog.PictureID, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, fault.New(fault.Invalid, "upload.missing").Because(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, tooManyBytes(err)
		}
		if part.FormName() != "pictures" || part.FileName() == "" {
			continue
		}
		if len(all) == picturesAtOnce {
			return nil, fault.New(fault.Invalid, "product.too_many", fault.P("max", picturesAtOnce))
		}
		p, err := w.Pictures.Put(r.Context(), part)
		if err != nil {
			return nil, tooManyBytes(err)
		}
		all = append(all, catalog.PictureID(p.ID))
	}
}

// tooManyBytes names a body that the gate cut off, or that ended in the middle.
func tooManyBytes(err error) error {
	var cut *http.MaxBytesError
	if errors.As(err, &cut) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.New(fault.Invalid, "upload.too_big", fault.P("max", picturesBodyMax>>20)).Because(err)
	}
	return err
}

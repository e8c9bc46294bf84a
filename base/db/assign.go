package db

import (
	"fmt"
	"reflect"
)

// assign copies one column value, as the PostgreSQL driver gives it, to a pointer; NULL becomes the zero value.
func assign(dst, src any) error {
	switch p := dst.(type) {
	case *string:
		if s, ok := src.(string); ok {
			*p = s
			return nil
		}
	case *int64:
		if n, ok := src.(int64); ok {
			*p = n
			return nil
		}
	}
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer {
		return fmt.Errorf("cannot scan into %T", dst)
	}
	return assignKind(v.Elem(), src)
}

func assignKind(v reflect.Value, src any) error {
	switch s := src.(type) {
	case nil:
		v.SetZero()
		return nil
	case string:
		if v.Kind() == reflect.String {
			v.SetString(s)
			return nil
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(s)
			return nil
		}
	case int64:
		return assignInt(v, s)
	case int32:
		return assignInt(v, int64(s))
	}
	return fmt.Errorf("cannot scan %T into %s", src, v.Type())
}

func assignInt(v reflect.Value, n int64) error {
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(n)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		v.SetUint(uint64(n))
	case reflect.Bool:
		v.SetBool(n != 0)
	default:
		return fmt.Errorf("cannot scan an integer into %s", v.Type())
	}
	return nil
}

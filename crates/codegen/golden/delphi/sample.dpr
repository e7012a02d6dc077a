// Reads JSON that is built like the sample
// Reads standard input.
// Needs Delphi 10.3 or later.
program Sample;

{$APPTYPE CONSOLE}

uses
  System.SysUtils,
  System.JSON;

type
  TTextValue = record
    HasValue: Boolean;
    Value: string;
  end;
  TTextValueList = array of TTextValue;
  TIntegerValue = record
    HasValue: Boolean;
    Value: Int64;
  end;
  TIntegerValueList = array of TIntegerValue;
  TIntegerValueListList = array of TIntegerValueList;
  TNumberValue = record
    HasValue: Boolean;
    Value: Double;
  end;
  TBooleanValue = record
    HasValue: Boolean;
    Value: Boolean;
  end;
  TAnyValue = record
    HasValue: Boolean;
    Value: string;
  end;
  TAnswerRow = record
    HasValue: Boolean;
    Id: TIntegerValue;
    Note: TTextValue;
  end;
  TAnswerRowList = array of TAnswerRow;
  TOwner = record
    HasValue: Boolean;
    Id: TTextValue;
    ClassValue: TAnyValue;
  end;
  TAnswer = record
    HasValue: Boolean;
    Id: TIntegerValue;
    Field2ndName: TTextValue;
    ClassValue: TBooleanValue;
    Mean: TNumberValue;
    Tags: TTextValueList;
    Grid: TIntegerValueListList;
    Owner: TOwner;
    Rows: TAnswerRowList;
    UserName: TTextValue;
    UserNameValue: TTextValue;
  end;

procedure Fail(const Text: string);
begin
  WriteLn(ErrOutput, Text);
  Halt(1);
end;

function Member(Data: TJSONValue; const Name: string): TJSONValue;
begin
  Result := nil;
  if Data is TJSONObject then
    Result := TJSONObject(Data).Values[Name];
end;

procedure PrintLine(const Place, Value: string);
var
  Line: string;
begin
  Line := StringReplace(Value, '\', '\\', [rfReplaceAll]);
  Line := StringReplace(Line, #10, '\n', [rfReplaceAll]);
  Line := StringReplace(Line, #13, '\r', [rfReplaceAll]);
  WriteLn(Place, ': ', Line);
end;

// Load reads a value. One that is absent, null or of another type has no value, and Show prints nothing for it.

procedure Load(Data: TJSONValue; out Value: TTextValue); overload;
begin
  Value.HasValue := (Data is TJSONString) or (Data is TJSONBool);
  if Value.HasValue then
    Value.Value := Data.Value;
end;

procedure Show(const Place: string; const Text: TTextValue); overload;
begin
  if Text.HasValue then
    PrintLine(Place, Text.Value);
end;

procedure Load(Data: TJSONValue; out List: TTextValueList); overload;
var
  I: Integer;
begin
  List := nil;
  if not (Data is TJSONArray) then
    Exit;
  SetLength(List, TJSONArray(Data).Count);
  for I := 0 to High(List) do
    Load(TJSONArray(Data).Items[I], List[I]);
end;

procedure Show(const Place: string; const List: TTextValueList); overload;
var
  I: Integer;
begin
  for I := 0 to High(List) do
    Show(Place + '[' + IntToStr(I) + ']', List[I]);
end;

procedure Load(Data: TJSONValue; out Value: TIntegerValue); overload;
begin
  Value.HasValue := Data is TJSONNumber;
  if not Value.HasValue or TryStrToInt64(Data.Value, Value.Value) then
    Exit;
  if Abs(TJSONNumber(Data).AsDouble) >= 9.2e18 then
    Fail(Data.Value + ' does not fit in 64 bits');
  Value.Value := Trunc(TJSONNumber(Data).AsDouble);
end;

procedure Show(const Place: string; const Number: TIntegerValue); overload;
begin
  if Number.HasValue then
    PrintLine(Place, IntToStr(Number.Value));
end;

procedure Load(Data: TJSONValue; out List: TIntegerValueList); overload;
var
  I: Integer;
begin
  List := nil;
  if not (Data is TJSONArray) then
    Exit;
  SetLength(List, TJSONArray(Data).Count);
  for I := 0 to High(List) do
    Load(TJSONArray(Data).Items[I], List[I]);
end;

procedure Show(const Place: string; const List: TIntegerValueList); overload;
var
  I: Integer;
begin
  for I := 0 to High(List) do
    Show(Place + '[' + IntToStr(I) + ']', List[I]);
end;

procedure Load(Data: TJSONValue; out List: TIntegerValueListList); overload;
var
  I: Integer;
begin
  List := nil;
  if not (Data is TJSONArray) then
    Exit;
  SetLength(List, TJSONArray(Data).Count);
  for I := 0 to High(List) do
    Load(TJSONArray(Data).Items[I], List[I]);
end;

procedure Show(const Place: string; const List: TIntegerValueListList); overload;
var
  I: Integer;
begin
  for I := 0 to High(List) do
    Show(Place + '[' + IntToStr(I) + ']', List[I]);
end;

procedure Load(Data: TJSONValue; out Value: TNumberValue); overload;
begin
  Value.HasValue := Data is TJSONNumber;
  if Value.HasValue then
    Value.Value := TJSONNumber(Data).AsDouble;
end;

procedure Show(const Place: string; const Number: TNumberValue); overload;
begin
  if Number.HasValue then
    PrintLine(Place, FloatToStrF(Number.Value, ffGeneral, 15, 0, TFormatSettings.Invariant));
end;

procedure Load(Data: TJSONValue; out Value: TBooleanValue); overload;
begin
  Value.HasValue := Data is TJSONBool;
  if Value.HasValue then
    Value.Value := TJSONBool(Data).AsBoolean;
end;

procedure Show(const Place: string; const Truth: TBooleanValue); overload;
begin
  if Truth.HasValue then
    PrintLine(Place, LowerCase(BoolToStr(Truth.Value, True)));
end;

procedure Load(Data: TJSONValue; out Value: TAnyValue); overload;
begin
  Value.HasValue := (Data <> nil) and not (Data is TJSONNull);
  if not Value.HasValue then
    Exit;
  if (Data is TJSONObject) or (Data is TJSONArray) then
    Value.Value := Data.ToJSON
  else
    Value.Value := Data.Value;
end;

procedure Show(const Place: string; const Json: TAnyValue); overload;
begin
  if Json.HasValue then
    PrintLine(Place, Json.Value);
end;

procedure Load(Data: TJSONValue; out Value: TAnswerRow); overload;
begin
  Value := Default(TAnswerRow);
  Value.HasValue := Data is TJSONObject;
  Load(Member(Data, 'id'), Value.Id);
  Load(Member(Data, 'note'), Value.Note);
end;

procedure Show(const Place: string; const Value: TAnswerRow); overload;
begin
  Show(Place + '.id', Value.Id);
  Show(Place + '.note', Value.Note);
end;

procedure Load(Data: TJSONValue; out List: TAnswerRowList); overload;
var
  I: Integer;
begin
  List := nil;
  if not (Data is TJSONArray) then
    Exit;
  SetLength(List, TJSONArray(Data).Count);
  for I := 0 to High(List) do
    Load(TJSONArray(Data).Items[I], List[I]);
end;

procedure Show(const Place: string; const List: TAnswerRowList); overload;
var
  I: Integer;
begin
  for I := 0 to High(List) do
    Show(Place + '[' + IntToStr(I) + ']', List[I]);
end;

procedure Load(Data: TJSONValue; out Value: TOwner); overload;
begin
  Value := Default(TOwner);
  Value.HasValue := Data is TJSONObject;
  Load(Member(Data, 'id'), Value.Id);
  Load(Member(Data, 'class'), Value.ClassValue);
end;

procedure Show(const Place: string; const Value: TOwner); overload;
begin
  Show(Place + '.id', Value.Id);
  Show(Place + '.' + 'class', Value.ClassValue);
end;

procedure Load(Data: TJSONValue; out Value: TAnswer); overload;
begin
  Value := Default(TAnswer);
  Value.HasValue := Data is TJSONObject;
  Load(Member(Data, 'id'), Value.Id);
  Load(Member(Data, '2nd-name'), Value.Field2ndName);
  Load(Member(Data, 'class'), Value.ClassValue);
  Load(Member(Data, 'mean'), Value.Mean);
  Load(Member(Data, 'tags'), Value.Tags);
  Load(Member(Data, 'grid'), Value.Grid);
  Load(Member(Data, 'owner'), Value.Owner);
  Load(Member(Data, 'rows'), Value.Rows);
  Load(Member(Data, 'userName'), Value.UserName);
  Load(Member(Data, 'user_name'), Value.UserNameValue);
end;

procedure Show(const Place: string; const Value: TAnswer); overload;
begin
  Show('id', Value.Id);
  Show('2nd-name', Value.Field2ndName);
  Show('class', Value.ClassValue);
  Show('mean', Value.Mean);
  Show('tags', Value.Tags);
  Show('grid', Value.Grid);
  Show('owner', Value.Owner);
  Show('rows', Value.Rows);
  Show('userName', Value.UserName);
  Show('user_name', Value.UserNameValue);
end;

function Parse(const Text: string): TAnswer;
var
  Data: TJSONValue;
begin
  Data := TJSONObject.ParseJSONValue(Text);
  if Data = nil then
    Fail('standard input is not JSON');
  Load(Data, Result);
  Data.Free;
end;

function ReadInput: string;
var
  Line: string;
begin
  SetTextCodePage(Input, CP_UTF8);
  Result := '';
  while not Eof do
  begin
    ReadLn(Line);
    Result := Result + Line + #10;
  end;
end;

begin
  SetTextCodePage(Output, CP_UTF8);
  Show('', Parse(ReadInput));
end.
